import Names

/// Lines that were typed in this session: filters of any view, or commands.
public struct LineHistory: Sendable, Equatable {
    /// The maximum number of lines.
    static let capacity = 50
    /// The longest line that is kept, in bytes of UTF-8.
    static let longest = 1_000

    /// The lines as typed, the newest first, without duplicates.
    public private(set) var lines: [String] = []

    /// Adds a line.
    mutating func add(_ typed: String) {
        guard !typed.isEmpty, typed.utf8.count <= Self.longest else { return }
        lines.removeAll { $0.hasSameBytes(as: typed) }
        lines.insert(typed, at: 0)
        if lines.count > Self.capacity { lines.removeLast() }
    }
}

/// Recalls lines of a history while another one is typed.
struct LineRecall: Sendable, Equatable {
    /// The lines to recall, the newest first.
    private let earlier: [String]
    /// The index of the recalled line; `nil` for the text being typed.
    private var place: Int?
    /// The text that was typed before earlier lines were recalled.
    private var draft = ""

    init(_ earlier: [String]) { self.earlier = earlier }

    /// Whether there is an earlier (1) or a later (-1) line.
    func has(_ step: Int) -> Bool { place(after: step) != nil }

    /// Returns the line that is earlier (1) or later (-1); after the newest, the text that was being typed.
    mutating func step(_ step: Int, from typed: String) -> String? {
        guard let next = place(after: step) else { return nil }
        if place == nil { draft = typed }
        place = next < 0 ? nil : next
        return next < 0 ? draft : earlier[next]
    }

    /// Notes that the line was edited: the next step begins at the newest one.
    mutating func end() { place = nil }

    /// Returns the place in the history after a step; -1 is the text being typed.
    private func place(after step: Int) -> Int? {
        let next = (place ?? -1) + step
        return next >= -1 && next < earlier.count ? next : nil
    }
}
