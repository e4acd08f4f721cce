import Foundation
public import Screen
public import TopCore

/// Renders the whole screen for a state. It has no side effects: the same state and size give the same screen.
///
/// - Parameters:
///   - state: The state to show.
///   - size: The size of the screen, in cells.
///   - zone: The time zone of displayed times.
public func render(_ state: State, size: Size, zone: ValueFormat.Zone = .local) -> Rendering {
    // The offset from UTC is looked up once, not for each cell.
    let zone: ValueFormat.Zone =
        switch zone {
        case .local: .offset(TimeZone.current.secondsFromGMT(for: state.now))
        case .utc, .offset: zone
        }
    var canvas = Canvas(
        size: size, theme: state.options.color ? .named(state.options.theme) : .mono,
        repertoire: state.options.ascii ? .ascii : .unicode, zone: zone, now: state.now)
    guard size.width >= ScreenLayout.minimum.width, size.height >= ScreenLayout.minimum.height else {
        TooSmallNotice().draw(in: Rect(size), on: &canvas)
        return Rendering(frame: canvas.frame, tableRows: 0, targets: [])
    }
    let banner = FaultBanner(state)
    let strip = TimeStrip(state: state)
    let layout = ScreenLayout(
        size: size, activities: state.activities.count, banner: banner.rows, strip: strip.rows)
    strip.draw(in: layout.strip, on: &canvas)
    HeaderPanel(state).draw(layout.headerKind, in: layout.header, on: &canvas)
    banner.draw(in: layout.banner, on: &canvas)
    TabBar(current: state.view).draw(in: layout.tabs, on: &canvas)
    let rows = ViewPanel(state: state).draw(in: layout.body, on: &canvas)
    let footer = FooterPanel(state: state)
    footer.drawActivities(in: layout.activities, besideNotice: showsNotice(state, layout), on: &canvas)
    footer.drawStatus(in: layout.status, on: &canvas)
    drawOverlay(state, layout, on: &canvas)
    let isFooterTaken = layout.status.isEmpty && drawInFooter(state, footer, in: layout.footer, on: &canvas)
    if !isFooterTaken { footer.drawKeys(in: layout.footer, on: &canvas) }
    return Rendering(frame: canvas.frame, tableRows: rows, limits: canvas.limits, targets: canvas.targets)
}

/// Whether a notice has its own line: one that is edited uses it, and on a low screen so does any overlay.
private func showsNotice(_ state: State, _ layout: ScreenLayout) -> Bool {
    switch state.overlay {
    case .filter, .commandLine: false
    default: !layout.status.isEmpty || state.overlay == nil
    }
}

private func drawOverlay(_ state: State, _ layout: ScreenLayout, on canvas: inout Canvas) {
    let size = canvas.frame.size
    // The keys below stay visible.
    let area = Rect(size).splitBottom(1).rest
    switch state.overlay {
    case nil: break
    case .filter(let prompt):
        guard !layout.status.isEmpty else { break }
        canvas.fill(layout.status)
        FilterLine(prompt: prompt, state: state).draw(in: layout.status, on: &canvas)
    case .commandLine(let prompt):
        guard !layout.status.isEmpty else { break }
        canvas.fill(layout.status)
        CommandPromptLine(prompt: prompt, state: state).draw(in: layout.status, on: &canvas)
    case .help(let help):
        HelpOverlay(groups: Bindings.help(for: state), scroll: help.scroll).draw(in: area, on: &canvas)
    case .confirmation(let confirmation): ConfirmationOverlay(confirmation: confirmation).draw(in: area, on: &canvas)
    case .form(let form): FormOverlay(form: form, notes: state.notes(for: form)).draw(in: area, on: &canvas)
    case .picker(let picker): PickerOverlay(picker: picker).draw(in: area, on: &canvas)
    case .columns(let chooser): ColumnsOverlay(chooser: chooser).draw(in: area, on: &canvas)
    case .browser(let browser): BrowserOverlay(browser, in: state).draw(in: area, on: &canvas)
    case .difference(let page): DifferenceOverlay(page: page).draw(in: area, on: &canvas)
    }
    if state.overlay != nil, layout.footer.height > 0 { canvas.fill(layout.footer) }
}

/// Draws the line that is edited, or a notice, in the last line of a low screen.
private func drawInFooter(_ state: State, _ footer: FooterPanel, in rect: Rect, on canvas: inout Canvas) -> Bool {
    if case .filter(let prompt) = state.overlay {
        FilterLine(prompt: prompt, state: state).draw(in: rect, on: &canvas)
        return true
    }
    if case .commandLine(let prompt) = state.overlay {
        CommandPromptLine(prompt: prompt, state: state).draw(in: rect, on: &canvas)
        return true
    }
    return state.overlay == nil && footer.drawNotice(in: rect.inset(x: 1, y: 0), on: &canvas)
}
