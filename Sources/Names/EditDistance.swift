/// The edit distance of two words.
public enum EditDistance {
    /// Returns how many letters must be inserted, removed or changed to turn one word into the other.
    public static func between(_ left: String, _ right: String) -> Int {
        let left = left.unicodeScalars
        let right = Array(right.unicodeScalars)
        // A longer text is not close to any name, and would take long.
        guard right.count <= 64, left.count <= 64 else { return .max }
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (right[j] == letter ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }

    /// Returns the name that is closest to a word; `nil` if more than three letters or half of the word differ.
    public static func nearest(to word: String, in names: [String]) -> String? {
        let near = names.map { ($0, between($0, word)) }.min { $0.1 < $1.1 }
        return near.flatMap { $0.1 <= max(1, min(3, word.utf8.count / 2)) ? $0.0 : nil }
    }
}
