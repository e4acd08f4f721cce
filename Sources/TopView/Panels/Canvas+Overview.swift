import Screen
import TopCore

extension Canvas {
    /// Makes a drawn line of the overview's lists one that the selection and the mouse reach, and marks the selected
    /// one. Lines are passed in reading order.
    mutating func selectable(_ item: OverviewItem, in line: Rect, _ selection: OverviewSelection) {
        limits.overview.append(item)
        target(line, .overviewLine(item))
        guard item == selection.item else { return }
        write(String(marks.selection), x: line.minX, y: line.minY, .brand)
        let theme = theme
        for index in 0..<line.height { frame.restyle(line.row(index)) { theme.selected($0) } }
    }
}
