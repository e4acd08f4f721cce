import Faults
import NIOCore

extension ProxyFault {
    /// Creates the lasting fault of an order.
    ///
    /// - Returns: nil for a fault that takes effect once, and for one of another injection point.
    static func lasting(_ order: FaultOrder) -> ProxyFault? {
        var fault = order.fault
        guard let kind = kind(of: order, &fault) else { return nil }
        return ProxyFault(kind, fault, label: order.label)
    }

    private static func kind(of order: FaultOrder, _ fault: inout Fault) -> Kind? {
        var towards: String { order.text(.towards) }
        var side: Side { Side(rawValue: towards) ?? .client }
        switch order.kind {
        case .resetConnection:
            guard fault.selector.afterMessages != nil || fault.selector.afterBytes != nil else { return nil }
            once(&fault)
            return .reset(sides(towards))
        case .cutFrame:
            once(&fault)
            return .cut(towards: side)
        case .corruptFrame:
            once(&fault)
            return FramePart(rawValue: order.text(.what)).map { .corrupt(towards: side, $0) }
        case .truncateFrame:
            once(&fault)
            return .truncate(towards: side, bytes: order.integer(.bytes), fixesSize: order.flag(.fixSize))
        case .interleaveFrames:
            once(&fault)
            return .interleave
        case .swallowHeartbeats: return .swallowHeartbeats(from: sources(towards))
        case .blockConnection: return .block(reason: order.text(.reason), holds: order.flag(.hold))
        case .swallow: return Traffic(rawValue: order.text(.what)).map { .swallow($0) }
        case .delay:
            return Traffic(rawValue: order.text(.what)).map {
                .delay($0, .milliseconds(Int64(order.integer(.delayMilliseconds))))
            }
        case .duplicate: return Traffic(rawValue: order.text(.what)).map { .duplicate($0) }
        case .nackConfirm: return .nackConfirm
        case .returnMessage: return .returnMessage
        case .refuseChannels:
            return .refuseChannels(code: UInt16(clamping: order.integer(.code)), text: order.text(.text))
        case .tune:
            return .tune(
                frameMax: UInt32(clamping: order.integer(.frameMax)),
                channelMax: UInt16(clamping: order.integer(.channelMax)),
                heartbeat: UInt16(clamping: order.integer(.heartbeat)))
        case .blackHole: return .blackHole(from: sources(towards))
        case .latency:
            return .line(
                from: sources(towards),
                TrafficShaper.Limits(
                    delay: .milliseconds(Int64(order.integer(.delayMilliseconds))),
                    jitter: .milliseconds(Int64(order.integer(.jitterMilliseconds)))))
        case .bandwidth:
            return .line(from: sources(towards), TrafficShaper.Limits(bytesPerSecond: order.integer(.bytesPerSecond)))
        case .refuseConnections: return WayToRefuse(rawValue: order.text(.how)).map { .refuseConnections($0) }
        default: return nil
        }
    }

    /// Limits a fault that ends a connection to one hit, unless the order sets a number.
    private static func once(_ fault: inout Fault) {
        let selector = fault.selector
        if selector.times == nil, selector.percentage == nil, selector.every == nil { fault.selector.times = 1 }
    }

    static func sides(_ towards: String) -> Set<Side> {
        Side(rawValue: towards).map { [$0] } ?? Set(Side.allCases)
    }

    /// Returns the sides that send what flows in a direction.
    private static func sources(_ towards: String) -> Set<Side> {
        Side(rawValue: towards).map { [$0.other] } ?? Set(Side.allCases)
    }
}
