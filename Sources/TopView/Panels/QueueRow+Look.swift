import Foundation
import Screen
import TopCore

extension QueueRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .ready: depth(ready, metric: .ready, context)
        case .unacked: depth(unacked, metric: .unacked, context)
        case .consumers:
            if consumers?.value == 0, let ready, ready.value > 0 {
                // Messages are ready, and there is no consumer.
                CellLook(.warning, mark: context.marks.alert)
            } else {
                depth(consumers, metric: nil, context)
            }
        case .messages:
            if isOld(depthAt, depthSource, context) {
                CellLook(.faint, mark: context.marks.old, markRole: .faint)
            } else {
                CellLook(value == .integer(0) || value == .none ? .faint : .text)
            }
        case .depthAge: ageLook(context)
        case .depthSource: CellLook(.faint)
        case .redeliverRate:
            if case .number(let rate) = value, rate >= 0.05 {
                CellLook(.warning)
            } else {
                CellLook(.faint)
            }
        case .publishRate, .deliverRate, .ackRate:
            if value != .none, isOld(detailsAt, .management, context) {
                CellLook(.faint, mark: context.marks.old, markRole: .faint)
            } else {
                column.style.look(of: value)
            }
        default: column.style.look(of: value)
        }
    }

    func alert(_ context: LookContext) -> Role? {
        switch details?.state {
        case "down", "stopped", "crashed", "terminated", "minority": .critical
        default: nil
        }
    }

    private func depth(
        _ measured: Measured<Int>?, metric: History.Metric?, _ context: LookContext
    ) -> CellLook {
        guard let measured else { return CellLook(.faint) }
        if isOld(measured.at, measured.source, context) {
            return CellLook(.faint, mark: context.marks.old, markRole: .faint)
        }
        if let metric, measured.value > 0, isGrowing(metric, context) {
            return CellLook(.warning, mark: context.marks.growing)
        }
        return CellLook(measured.value == 0 ? .faint : .text)
    }

    /// Fractions of a second are not meaningful, and would flicker.
    private func ageLook(_ context: LookContext) -> CellLook {
        guard let depthAt else { return CellLook(.faint) }
        let age = max(0, context.now.timeIntervalSince(depthAt))
        let isOld = isOld(depthAt, depthSource, context)
        if depthSource == .amqp, !isOld { return CellLook(.faint, text: "live") }
        return CellLook(isOld ? .warning : .faint, text: context.format.duration(age.rounded(.down)))
    }

    private func isOld(_ at: Date?, _ source: DepthSource?, _ context: LookContext) -> Bool {
        guard let at, let source else { return false }
        return context.now.timeIntervalSince(at) > context.patience[source] ?? 15
    }

    /// Whether the figure has grown by 1%, and by at least ten, within the last 30 seconds.
    private func isGrowing(_ metric: History.Metric, _ context: LookContext) -> Bool {
        let points = context.state.history[.queue(id), metric].points
        // What was recorded in memory says nothing of an earlier time.
        guard context.state.areChartsLive, let last = points.last else { return false }
        let start = last.at.addingTimeInterval(-30)
        var before = last
        for point in points.reversed() {
            if point.at < start { break }
            before = point
        }
        let growth = last.value - before.value
        return growth >= 10 && growth >= before.value / 100
    }
}
