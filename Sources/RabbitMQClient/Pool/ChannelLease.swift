/// A channel of a pool, taken with `ChannelPool.checkout` until it is given back.
///
/// Give it back with `checkin` once you are done, and use the channel no more after that: somebody else may have it. When
/// nobody refers to the lease any more it goes back by itself.
public final class ChannelLease: Sendable {
    public let channel: Channel
    let pool: ChannelPool
    let place: PoolMachine.PlaceID
    let checkout: PoolMachine.CheckoutID

    init(channel: Channel, pool: ChannelPool, place: PoolMachine.PlaceID, checkout: PoolMachine.CheckoutID) {
        self.channel = channel
        self.pool = pool
        self.place = place
        self.checkout = checkout
    }

    deinit {
        pool.giveBack(place, checkout)
    }

    /// Gives the channel back to its pool. A second time does nothing.
    public func checkin() {
        pool.giveBack(place, checkout)
    }
}
