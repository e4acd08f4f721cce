import Foundation

extension Form.Key {
    static let time = "time"
}

extension State {
    /// Asks for a time to go to.
    func timeForm() -> OverlayOutcome {
        let extent = recording.span.map { span in
            let end = playback == nil ? "now" : dated(span.upperBound)
            return "\(playback == nil ? "The history" : "The recording") holds \(dated(span.lowerBound)) to \(end)."
        }
        let zone = ValueFormat(zone: .offset(options.timeZone.secondsFromGMT(for: now))).zoneName(now: now)
        let form =
            Form(
                title: "Go to a time", purpose: .time,
                lines: [extent, "Times are in \(zone). A duration counts from the time that is shown."]
                    .compactMap(\.self),
                fields: [
                    Form.Field(
                        key: Form.Key.time, label: "Time", kind: .text, value: "",
                        hint: "03:12, -10m, 2026-11-29 03:12")
                ], submitLabel: "Go")
        // The page of changes is still there afterwards.
        return context == .difference ? .covers(with: .form(form)) : .fills(form)
    }

    /// Returns the time that was typed.
    func typedTime(_ typed: String) throws(TypedTime.Problem) -> Date {
        let latest = playback == nil ? clock : recording.span?.upperBound ?? now
        return try TypedTime.date(typed, from: now, latest: latest, zone: options.timeZone)
    }

    private func dated(_ time: Date) -> String {
        ValueFormat(zone: .offset(options.timeZone.secondsFromGMT(for: time))).dateAndTime(time)
    }

    /// Asks for the file to record to.
    func recordForm() -> OverlayOutcome {
        let text = dated(clock)
        let name = "rabbittop-\(text.prefix(10))T\(text.dropFirst(11).prefix(5).replacing(":", with: "-")).sqlite"
        var lines = ["Everything that is watched is written to one file until r stops it."]
        if let first = recording.span?.lowerBound {
            lines.append("It begins with what is remembered so far: since \(words(first)).")
        }
        lines.append("A file that exists is not overwritten.")
        return .fills(
            Form(
                title: "Record to a file", purpose: .record, lines: lines,
                fields: [Form.Field(key: Form.Key.file, label: "File", kind: .text, value: name)],
                submitLabel: "Record"))
    }

    /// Ends the recording, and says what was recorded.
    mutating func stopRecording() -> [Action] {
        guard let file = recording.file else { return [] }
        let format = ValueFormat()
        let lasted = recording.startedAt.map {
            ", \(format.duration(max(0, clock.timeIntervalSince($0)).rounded(.down)))"
        }
        tell("The recording ends: \(file)\(lasted ?? ""), \(format.bytes(Double(recording.bytes)))", .success)
        return [.record(nil)]
    }
}

extension Form {
    /// Goes to the time that was typed, or marks what is no time.
    func submittedTime(in state: State) -> OverlayOutcome {
        var form = self
        do throws(TypedTime.Problem) {
            return .goes(to: try state.typedTime(form[Form.Key.time]?.editor.text ?? ""))
        } catch {
            form.note(Form.Key.time, error.advice)
            _ = form.focusOnProblem()
            return .fills(form)
        }
    }

    /// Records to the file that was named, or marks an empty name.
    func submittedRecording() -> OverlayOutcome {
        var form = self
        let path = form[Form.Key.file]?.editor.text.trimmingCharacters(in: .whitespaces) ?? ""
        guard path.isEmpty else { return .records(path) }
        form.note(Form.Key.file, "the name of a file")
        _ = form.focusOnProblem()
        return .fills(form)
    }
}
