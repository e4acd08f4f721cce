/// A channel of a pool, taken with `ChannelPool.checkout`.
///
/// Return it with `checkin` and do not use the channel afterwards, because another task may have it. A lease without
/// references is returned by itself.
public final class ChannelLease: Sendable {
    /// The channel.
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

    /// Returns the channel to its pool. A second call does nothing.
    public func checkin() {
        pool.giveBack(place, checkout)
    }
}
