/// How far two words are apart.
enum EditDistance {
    /// How many letters must be put in, taken out or changed to make one word of the other.
    static func between(_ left: String, _ right: String) -> Int {
        let left = left.unicodeScalars
        let right = Array(right.unicodeScalars)
        // What is longer is near to no name, and would take long.
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
}
