import Screen
import TopCore

/// The notice shown while the terminal is too small for the dashboard.
struct TooSmallNotice {
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard !rect.isEmpty else { return }
        let minimum = ScreenLayout.minimum
        let lines = Wrap.words(
            "rabbittop needs \(minimum.width)x\(minimum.height); this is \(rect.width)x\(rect.height)",
            width: rect.width)
        let top = rect.minY + max(0, (rect.height - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            let x = rect.minX + max(0, (rect.width - TextWidth.columns(of: line)) / 2)
            canvas.write(line, x: x, y: top + index, .text, width: rect.width)
        }
    }
}
