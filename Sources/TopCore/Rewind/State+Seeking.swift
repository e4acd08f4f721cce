import Foundation

extension State {
    /// Goes back (-1) or forth (1) in time by a step, which follows the charts' span and grows while the key is repeated
    /// quickly.
    mutating func go(_ direction: Int) -> [Action] {
        let step = pace.step(direction, span: chartWindow.seconds, at: clock)
        guard let origin = lookup.time ?? past?.at ?? (playback == nil ? clock : nil) else { return [] }
        return seek(to: origin.addingTimeInterval(step), from: origin)
    }

    /// Goes to a time, as far as the history has it; a time that has not come yet is the present.
    mutating func seek(to time: Date, from origin: Date? = nil) -> [Action] {
        let span = recording.span
        if playback == nil, time >= clock {
            if past == nil { tell("This is the present") }
            returnToPresent()
            return []
        }
        if let first = span?.lowerBound, time < first {
            tell("\(holder) begins at \(words(first))")
            if let origin, origin <= first { return [] }
            return lookup.ask(.time(first), at: clock)
        }
        if playback != nil, let last = span?.upperBound, time > last {
            tell("The recording ends at \(words(last))")
            if let origin, origin >= last { return [] }
            return lookup.ask(.time(last), at: clock)
        }
        return lookup.ask(.time(time), at: clock)
    }

    /// Goes to the event or finding before (-1) or after (1) the time that is shown.
    mutating func goToEvent(_ direction: Int) -> [Action] {
        guard let time = past?.at ?? (playback == nil ? clock : nil) else { return [] }
        return lookup.ask(direction < 0 ? .eventBefore(time) : .eventAfter(time), at: clock)
    }

    /// Shows the answer of the history.
    mutating func take(_ moment: Moment?) -> [Action] {
        let (answer, actions) = lookup.answered(at: clock)
        guard case .of(let target) = answer, target != nil || !isPresent else { return actions }
        let isStep = playback?.step != nil && target == playback?.step.map(SeekTarget.time)
        playback?.step = nil
        guard let moment else {
            missed(target, isStep: isStep)
            return actions
        }
        show(moment)
        playback?.hasBegun = true
        if !isStep { playback?.anchor = (moment.at, clock) }
        return actions
    }

    /// Says that the history holds nothing that was looked for.
    private mutating func missed(_ target: SeekTarget?, isStep: Bool) {
        playback?.isPlaying = false
        let extent = recording.span.map { ": it holds \(words($0.lowerBound)) to \(words($0.upperBound))" } ?? ""
        switch target {
        case .time(let time):
            if let start = playback?.start, playback?.hasBegun == false {
                playback?.missed = start
                playback?.start = nil
            }
            tell("\(holder) holds nothing of \(words(time))\(extent)", .warning)
        case .eventBefore(let time): tell("No event or finding before \(words(time)) is known")
        case .eventAfter(let time): tell("No event or finding after \(words(time)) is known")
        case nil: tell("\(holder) holds nothing there\(extent)", .warning)
        }
    }

    private var holder: String { playback == nil ? "The history" : "The recording" }

    /// Formats a time in the zone in which times are typed.
    func words(_ time: Date) -> String {
        ValueFormat(zone: .offset(options.timeZone.secondsFromGMT(for: time))).clock(time, now: clock)
    }

    /// Why keys that act do nothing while this is shown.
    var whyNoAction: String {
        guard playback == nil else { return "A recording cannot be acted on" }
        let time = past.map { words($0.at) } ?? "an earlier time"
        return "This is \(time), not now: Esc returns to the present"
    }
}

// MARK: Replay

extension State {
    /// Asks for the first moment of a recording, once.
    mutating func beginReplay() -> [Action] {
        guard let playback, !playback.hasBegun, !lookup.isRunning else { return [] }
        var time = playback.start
        if let span = recording.span { time = min(max(time ?? span.lowerBound, span.lowerBound), span.upperBound) }
        guard let time, time != playback.missed else { return [] }
        self.playback?.start = time
        return lookup.ask(.time(time), at: clock)
    }

    /// Looks up the next moment of a recording that is played, unless the one before is still awaited.
    mutating func play() -> [Action] {
        guard !lookup.isRunning, let shown = past?.at, var time = playback?.due(at: clock), time > shown else {
            return []
        }
        if let last = recording.span?.upperBound, time >= last {
            time = last
            playback?.isPlaying = false
            tell("The recording ends at \(words(last))")
            guard time > shown else { return [] }
        }
        playback?.step = time
        return lookup.ask(.time(time), at: clock)
    }

    /// Lets time pass, or holds it.
    mutating func playOrPause() -> [Action] {
        guard playback != nil else { return [] }
        playback?.isPlaying.toggle()
        playback?.anchor = past.map { ($0.at, clock) }
        guard playback?.isPlaying == true, let last = recording.span?.upperBound, let shown = past?.at, shown >= last
        else { return [] }
        // At its end a recording is played again from its beginning.
        return recording.span.map { lookup.ask(.time($0.lowerBound), at: clock) } ?? []
    }

    mutating func changeSpeed(_ direction: Int) {
        guard let speed = playback?.speed else { return }
        let next =
            direction > 0 ? Playback.speeds.first { $0 > speed } : Playback.speeds.last { $0 < speed }
        playback?.speed = next ?? speed
        playback?.anchor = past.map { ($0.at, clock) }
    }
}

extension Operation {
    /// Whether the operation concerns what is shown, and not the broker as it is now.
    var isPossibleInPast: Bool {
        switch self {
        case .write, .saveScreen: true
        case .publish, .consume, .closeChannel, .closeClientChannel, .closeConnection, .purge, .deleteQueue,
            .deleteExchange, .messages, .change, .batch, .injectFault, .undoFault, .undoFaults, .runLab:
            false
        }
    }
}
