import Foundation

extension History {
    /// What the store knows of one figure.
    struct Answer: Sendable, Equatable {
        /// The maximum number of points that are kept of an answer.
        static let capacity = 2_048
        /// Points this close, in seconds, are joined; a value that holds longer ends this long before the next one.
        private static let joined = 15.0
        private static let step = 5.0

        var request: CurveRequest
        var points: [Series.Point]
        /// Until when the store knows the figure.
        var knownUntil: Date

        init(_ curve: Curve) {
            request = curve.request
            let bucket = request.to.timeIntervalSince(request.from) / Double(max(1, request.points))
            var ordered: [Series.Point] = []
            for point in curve.points.prefix(Self.capacity) {
                guard point.value.isFinite, point.low.isFinite, point.high.isFinite else { continue }
                if let last = ordered.last, point.at <= last.at { continue }
                ordered.append(point)
            }
            points = Self.withHeldValues(ordered, joined: max(Self.joined, 1.5 * bucket))
            let last = points.last?.at ?? request.from
            knownUntil = max(last, min(curve.knownUntil ?? last, request.to))
        }

        /// Returns what was known at a time.
        func series(until end: Date) -> Series {
            guard let next = points.firstIndex(where: { $0.at > end }) else {
                return Series(points: points, knownUntil: knownUntil)
            }
            let isKnown = next > 0 && !points[next].followsGap
            return Series(points: Array(points[..<next]), knownUntil: isKnown ? end : nil)
        }

        /// Adds a second point at the end of the time for which a value did not change, because only changes are
        /// stored. Between changes at an even pace the value is taken to change evenly.
        private static func withHeldValues(_ points: [Series.Point], joined: Double) -> [Series.Point] {
            var held: [Series.Point] = []
            held.reserveCapacity(points.count)
            func distance(_ place: Int) -> Double? {
                guard place > 0, place < points.count, !points[place].followsGap else { return nil }
                return points[place].at.timeIntervalSince(points[place - 1].at)
            }
            for (place, point) in points.enumerated() {
                if let silence = distance(place), silence > joined {
                    let neighbours = [distance(place - 1), distance(place + 1)].compactMap { $0 }
                    let isEven = !neighbours.isEmpty && neighbours.allSatisfy { silence <= 1.5 * $0 }
                    if !isEven {
                        let value = points[place - 1].value
                        held.append(Series.Point(at: point.at.addingTimeInterval(-step), value: value))
                    }
                }
                held.append(point)
            }
            return held
        }
    }

    /// The maximum number of answers that are kept.
    static let answerCapacity = 64
    /// Seconds after which the store is asked again for what it did not answer, or did not know.
    static let unanswered = 60.0
    /// Seconds after which the store is asked again, at the earliest, because figures were missed since.
    static let refresh = 10.0

    /// Returns what is known of a figure: live, the answer of the store and what was recorded since; at an earlier time
    /// the answer alone.
    public func series(_ subject: Subject, _ metric: Metric, in window: ChartWindow) -> Series {
        let figure = Figure(subject, metric)
        let answer = answers[figure]
        guard window.isLive else {
            if case .lab = subject { return self[subject, metric] }
            return answer?.series(until: window.end) ?? Series()
        }
        let recorded = self[subject, metric]
        guard let answer, !answer.points.isEmpty, !recorded.isWhole(since: window.start) else { return recorded }
        return recorded.preceded(by: answer, patience: patience)
    }

    /// Returns what the store has to be asked for to show a figure in a window; `nil` when enough is known, or was asked
    /// for recently.
    func request(
        for figure: Figure, in window: ChartWindow, points: Int, stored: ClosedRange<Date>, now: Date
    ) -> CurveRequest? {
        if case .lab = figure.subject { return nil }
        let slack = window.seconds / Double(max(1, points))
        let start = max(window.start, min(stored.lowerBound, window.end))
        if window.isLive, self[figure.subject, figure.metric].isWhole(since: start.addingTimeInterval(slack)) {
            return nil
        }
        // At an earlier time the store is asked for more on both sides, because the time is often moved a little.
        let margin = window.isLive ? 0 : (window.seconds / 4).rounded()
        let request = CurveRequest(
            figure.subject, figure.metric, from: window.start.addingTimeInterval(-margin),
            to: window.end.addingTimeInterval(margin), points: window.isLive ? points : points * 3 / 2)
        if let before = asked[figure], before.request.isAsFine(as: request) {
            let answer = answers[figure].flatMap { $0.request == before.request ? $0 : nil }
            if let answer, covers(window, figure, answer, from: start) { return nil }
            let isSame =
                window.isLive
                ? before.request.from <= start.addingTimeInterval(window.seconds / 100)
                : before.request.covers(window)
            let isKnown = answer.map { !$0.points.isEmpty } ?? false
            let patience = isKnown ? max(Self.refresh, slack) : Self.unanswered
            let elapsed = now.timeIntervalSince(before.at)
            if isSame, elapsed >= 0, elapsed < patience { return nil }
        }
        return request
    }

    /// Whether an answer, with what was recorded since, shows a window without a gap that the store could fill.
    private func covers(_ window: ChartWindow, _ figure: Figure, _ answer: Answer, from start: Date) -> Bool {
        guard window.isLive else { return answer.request.covers(window) }
        guard answer.request.from <= start.addingTimeInterval(window.seconds / 100) else { return false }
        return self[figure.subject, figure.metric].isWhole(since: answer.knownUntil.addingTimeInterval(patience))
    }

    /// Notes what the store is asked for.
    mutating func note(_ requests: [CurveRequest], at now: Date) {
        for request in requests { asked[request.figure] = (request, now) }
    }

    /// Takes answers of the store; keeps those of `charted` figures when there are too many.
    mutating func take(_ curves: [Curve], charted: Set<Figure>) {
        for curve in curves where asked[curve.request.figure]?.request == curve.request {
            answers[curve.request.figure] = Answer(curve)
        }
        guard asked.count > Self.answerCapacity else { return }
        asked = asked.filter { charted.contains($0.key) }
        answers = answers.filter { charted.contains($0.key) }
    }
}

extension History.Series {
    /// Returns the points of an answer, and those recorded after it.
    fileprivate func preceded(by answer: History.Answer, patience: Double) -> Self {
        var joined = answer.points
        let begin = points.firstIndex { $0.at > answer.knownUntil } ?? points.endIndex
        if let last = joined.last, answer.knownUntil > last.at {
            joined.append(Point(at: answer.knownUntil, value: last.value))
        }
        for place in begin..<points.endIndex {
            var point = points[place]
            if place == begin {
                let isContinued = place > points.startIndex && !point.followsGap
                let silence = point.at.timeIntervalSince(answer.knownUntil)
                point.followsGap = !isContinued && silence > patience
            }
            joined.append(point)
        }
        let known = [knownUntil, begin == points.endIndex ? answer.knownUntil : nil].compactMap { $0 }.max()
        return Self(points: joined, knownUntil: known)
    }
}

extension CurveRequest {
    /// The figure of the request.
    var figure: History.Figure { History.Figure(subject, metric) }

    /// Seconds for each point.
    private var spacing: Double { to.timeIntervalSince(from) / Double(max(1, points)) }

    /// Whether the points of this request are about as close as those of the other, or closer.
    fileprivate func isAsFine(as other: Self) -> Bool { spacing <= other.spacing * 1.1 + 0.001 }

    /// Whether the request is for the whole time of a window.
    fileprivate func covers(_ window: ChartWindow) -> Bool { from <= window.start && to >= window.end }
}
