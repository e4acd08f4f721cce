import Screen

/// Lines and areas over time drawn as characters, `width` columns by `height` rows.
struct Plot {
    /// The characters that a plot is drawn with.
    enum Style: Sendable {
        /// Dots, two columns and four rows of them per character.
        case braille
        /// Filled columns in eighths of a row: areas only, lines are drawn as areas.
        case block
        case ascii
    }

    /// The line style of a curve, which distinguishes curves without colour.
    enum Curve: Sendable {
        case area
        case line
        case dashed
        case dotted

        /// Whether the line is drawn in a column of dots, or interrupted there.
        func isDrawn(at x: Int) -> Bool {
            switch self {
            case .area, .line: true
            case .dashed: x % 8 < 6
            case .dotted: x % 4 < 2
            }
        }
    }

    struct Layer: Sendable {
        /// From 0 to 1, one for each bin of the plot; `nil` leaves a gap.
        var values: [Double?]
        /// The lowest and the highest value of each bin that holds several, from 0 to 1; may be empty.
        var ranges: [ClosedRange<Double>?] = []
        var curve: Curve
    }

    /// Consecutive characters of the same layer.
    struct Run: Equatable, Sendable {
        var x: Int
        var text: String
        var layer: Int
        /// Whether only the range of values is here, not the curve.
        var isRange = false
    }

    /// The part of a layer that a character belongs to.
    private struct Owner: Equatable {
        var layer: Int
        var isRange = false
    }

    let width: Int
    let height: Int
    let style: Style

    /// The number of bins of a plot of this width.
    var bins: Int { style == .braille ? width * 2 : width }

    /// Returns the rows from the top. When layers meet in one character, the first one determines the colour.
    func rows(_ layers: [Layer]) -> [[Run]] {
        guard width > 0, height > 0 else { return [] }
        switch style {
        case .braille: return brailleRows(layers)
        case .block: return blockRows(layers)
        case .ascii: return asciiRows(layers)
        }
    }

    private func runs(_ cell: (_ x: Int) -> (character: Character, owner: Owner)?) -> [Run] {
        var runs: [Run] = []
        var last = -2
        for x in 0..<width {
            guard let (character, owner) = cell(x) else { continue }
            if last == x - 1, let open = runs.indices.last, runs[open].layer == owner.layer,
                runs[open].isRange == owner.isRange
            {
                runs[open].text.append(character)
            } else {
                runs.append(Run(x: x, text: String(character), layer: owner.layer, isRange: owner.isRange))
            }
            last = x
        }
        return runs
    }

    // MARK: Braille

    /// The bit of a dot: column 0 or 1, row 0 to 3 from the top.
    private static let dots: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

    private func brailleRows(_ layers: [Layer]) -> [[Run]] {
        var bits = [UInt8](repeating: 0, count: width * height)
        var owners = [Owner?](repeating: nil, count: width * height)
        let tall = height * 4
        func set(_ x: Int, _ dot: Int, _ owner: Owner) {
            let cell = (tall - 1 - dot) / 4 * width + x / 2
            bits[cell] |= Self.dots[x % 2][(tall - 1 - dot) % 4]
            owners[cell] = owner
        }
        let all = layers.map { Self.levels($0.values, count: width * 2, tall: tall) }
        let bands = zip(layers, all).map { Self.bands($0, levels: $1, tall: tall) }
        // Ranges first: a curve in the same character determines its colour.
        for (number, bands) in bands.enumerated().reversed() {
            for (x, band) in bands.enumerated() {
                // Every other dot, so that the range is lighter than the curve without colours, too.
                for dot in band?.dots ?? 0..<0 where (x + dot).isMultiple(of: 2) {
                    set(x, dot, Owner(layer: number, isRange: true))
                }
            }
        }
        for (number, layer) in layers.enumerated().reversed() {
            let levels = all[number]
            for (x, level) in levels.enumerated() {
                guard let level else { continue }
                var (low, high) = (level, level)
                if layer.curve == .area {
                    low = 0
                    if let band = bands[number][x], band.dots.lowerBound < level {
                        for dot in 0..<band.dots.lowerBound { set(x, dot, Owner(layer: number)) }
                        low = level
                    }
                } else if !layer.curve.isDrawn(at: x) {
                    continue
                } else if x > 0, let before = levels[x - 1] {
                    // Extend up or down to the end of the previous column, so that the line has no gaps.
                    if before < level { low = before + 1 }
                    if before > level { high = before - 1 }
                }
                for dot in low...high { set(x, dot, Owner(layer: number)) }
            }
        }
        return (0..<height).map { row in
            runs { x in
                let cell = row * width + x
                guard let owner = owners[cell], let scalar = Unicode.Scalar(0x2800 + UInt32(bits[cell])) else {
                    return nil
                }
                return (Character(scalar), owner)
            }
        }
    }

    /// The range of values in a column, where it goes beyond the curve.
    private struct Band {
        /// From the lowest value up to and with the highest one.
        var dots: Range<Int>
    }

    /// Returns the ranges of a layer that go beyond its curve: what a slope passes through in a column is drawn by the
    /// curve itself.
    private static func bands(_ layer: Layer, levels: [Int?], tall: Int) -> [Band?] {
        let lows = Self.levels(layer.ranges.map { $0?.lowerBound }, count: levels.count, tall: tall)
        let highs = Self.levels(layer.ranges.map { $0?.upperBound }, count: levels.count, tall: tall)
        return levels.indices.map { x in
            guard let level = levels[x], let low = lows[x], let high = highs[x] else { return nil }
            let near = [x > 0 ? levels[x - 1] : nil, level, x + 1 < levels.count ? levels[x + 1] : nil]
            let bottom = near.lazy.compactMap { $0 }.min() ?? level
            let top = near.lazy.compactMap { $0 }.max() ?? level
            let dots = (low < bottom ? low : level)..<(high > top ? high + 1 : level + 1)
            return dots.count > 1 ? Band(dots: dots) : nil
        }
    }

    // MARK: Blocks

    private static let eighths: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    private func blockRows(_ layers: [Layer]) -> [[Run]] {
        let all = layers.map { Self.levels($0.values, count: width, tall: height * 8) }
        return (0..<height).map { row in
            let floor = (height - 1 - row) * 8
            return runs { x in
                for (number, levels) in all.enumerated() {
                    guard let level = levels[x], level >= floor else { continue }
                    return (Self.eighths[min(level - floor, 7)], Owner(layer: number))
                }
                return nil
            }
        }
    }

    // MARK: ASCII

    /// Returns the character of a layer, so that layers are distinguishable.
    static func asciiMark(_ layer: Int) -> Character { layer == 0 ? "*" : layer == 1 ? "o" : "." }

    private func asciiRows(_ layers: [Layer]) -> [[Run]] {
        let all = layers.map { Self.levels($0.values, count: width, tall: height) }
        let bands = zip(layers, all).map { Self.bands($0, levels: $1, tall: height) }
        return (0..<height).map { row in
            let level = height - 1 - row
            return runs { x in
                for (number, levels) in all.enumerated() {
                    guard let top = levels[x] else { continue }
                    if top == level { return (Self.asciiMark(number), Owner(layer: number)) }
                    if layers[number].curve == .area, top > level {
                        let isRange = bands[number][x]?.dots.contains(level) ?? false
                        return (isRange ? "'" : ":", Owner(layer: number, isRange: isRange))
                    }
                }
                for (number, bands) in bands.enumerated() where bands[x]?.dots.contains(level) ?? false {
                    return ("'", Owner(layer: number, isRange: true))
                }
                return nil
            }
        }
    }

    /// Returns the row of dots for each value, 0 at the bottom.
    private static func levels(_ values: [Double?], count: Int, tall: Int) -> [Int?] {
        (0..<count).map { x in
            guard x < values.count, let value = values[x], value.isFinite else { return nil }
            return Int((min(max(value, 0), 1) * Double(tall - 1)).rounded())
        }
    }
}
