/// What changed between two texts, line by line, with two lines around each change.
public struct LineDifference: CustomStringConvertible {
    private enum Line {
        case same(String)
        case removed(String)
        case added(String)
    }

    private var lines: [Line] = []

    public init(from old: String, to new: String) {
        let old = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let changes = new.difference(from: old)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var oldIndex = 0
        var newIndex = 0
        while oldIndex < old.count || newIndex < new.count {
            if oldIndex < old.count, removed.contains(oldIndex) {
                lines.append(.removed(old[oldIndex]))
                oldIndex += 1
            } else if newIndex < new.count, added.contains(newIndex) {
                lines.append(.added(new[newIndex]))
                newIndex += 1
            } else {
                if oldIndex < old.count { lines.append(.same(old[oldIndex])) }
                oldIndex += 1
                newIndex += 1
            }
        }
    }

    public var description: String {
        let context = 2
        var near = Array(repeating: false, count: lines.count)
        for (index, line) in lines.enumerated() {
            if case .same = line { continue }
            for place in max(0, index - context)...min(lines.count - 1, index + context) { near[place] = true }
        }
        var result = ""
        var oldNumber = 0
        var wasNear = true
        for (line, isNear) in zip(lines, near) {
            let text: String
            switch line {
            case .same(let content):
                oldNumber += 1
                text = "  \(content)"
            case .removed(let content):
                oldNumber += 1
                text = "- \(content)"
            case .added(let content): text = "+ \(content)"
            }
            if isNear {
                if !wasNear || result.isEmpty { result += "line \(oldNumber):\n" }
                result += text + "\n"
            }
            wasNear = isNear
        }
        return result
    }
}
