import Screen

extension State {
    mutating func handle(_ key: Key) -> [Action] {
        if let actions = give(.key(key)) { return actions }
        // What was created is selected only while nothing else is done.
        created = nil
        if let binding = Bindings.binding(for: key, in: self) { return perform(binding.command) }
        if let binding = Bindings.refused(key, in: self) { explain(binding, as: "\(key.label) (\(binding.label))") }
        return []
    }

    /// Performs a command that a click or the command line asks for, or says why it does nothing here.
    ///
    /// - Parameter name: What to call it; by default as its key is called.
    mutating func request(_ command: Command, as name: String? = nil) -> [Action] {
        let bindings = options.keys.bindings.filter { $0.command == command }
        if bindings.contains(where: { $0.applies(in: self) }) { return perform(command) }
        if let refused = bindings.first(where: { $0.contexts.contains(context) }) {
            let key = refused.keys.first.map { "\($0.label) (\(refused.label))" }
            explain(refused, as: name ?? key ?? refused.label)
        }
        return []
    }

    /// Shows why a key does nothing here.
    private mutating func explain(_ binding: Binding, as name: String) {
        guard [.view, .browser, .message].contains(context) else { return }
        if !binding.times.contains(time) {
            let isOfPresent = binding.times.contains(.present)
            let place = binding.times == [.replay] ? "while a recording is replayed" : "at an earlier time"
            tell(isOfPresent ? whyNoAction : "\(name) works \(place)")
        } else if binding.effect != .none, options.readOnly {
            tell("Read-only: \(name) is refused; start without --read-only", .warning)
        } else if binding.command == .fault, let why = options.faults.why {
            tell(why, .warning)
        } else if binding.command == .save {
            tell("Nothing is saved here: the set-up of this screen belongs to no broker of yours")
        } else if binding.command == .undoFaults {
            tell("No fault is in force")
        } else if binding.command == .chooseCluster {
            tell(Self.noClusters)
        } else if binding.command == .changes {
            tell("No time is marked: m marks the one that is shown, also an earlier one (T)")
        } else if !binding.views.contains(view) {
            let views = ViewID.allCases.filter { binding.views.contains($0) }.map(\.title)
            guard binding.views.count < ViewID.allCases.count - 1 else { return }
            tell("\(name) works in \(views.joined(separator: ", "))")
        } else if isSelectedEnded {
            tell("It has ended: \(name) has nothing to work on", .warning)
        } else if let why = withoutChannel(binding.command) {
            tell(why, .warning)
        } else if binding.command != .back {
            tell("Nothing is selected that \(name) could work on")
        }
    }

    /// Returns why a consumer without a channel, or without a known connection, cannot be closed here.
    private func withoutChannel(_ command: Command) -> String? {
        guard case .consumer(let id) = selectedID, id.channel == nil else { return nil }
        switch command {
        case .closeChannel:
            return "This consumer has no AMQP 0-9-1 channel (AMQP 1.0, MQTT or a stream): close its connection"
        case .closeConnection: return "The broker does not report whose consumer this is: choose it in Connections"
        default: return nil
        }
    }

    mutating func paste(_ text: String) -> [Action] {
        give(.paste(text)) ?? []
    }

    mutating func perform(_ command: Command) -> [Action] {
        defer { forgetAbsentee(after: command) }
        if command == .back, let id = stoppableInBrowser { return cancel(id) }
        if let actions = give(.command(command)) { return actions }
        switch command {
        case .quit: return [.quit]
        case .redraw: redraws += 1
        case .back:
            guard escapeReturns else { return back() }
            returnToPresent()
        case .view(let view): go(to: view)
        case .nextView: go(to: view.neighbour(1))
        case .previousView: go(to: view.neighbour(-1))
        case .up: move(.lines(-1))
        case .down: move(.lines(1))
        case .pageUp: move(.pages(-1))
        case .pageDown: return move(.pages(1))
        case .top: move(.top)
        case .bottom: move(.bottom)
        case .scrollLeft where view == .overview: overview.move(.list(-1), among: scrollLimits.overview)
        case .scrollRight where view == .overview: overview.move(.list(1), among: scrollLimits.overview)
        case .scrollLeft: scrollColumns(-1)
        case .scrollRight: scrollColumns(1)
        case .detailUp: scrollDetail(by: -Self.detailStep)
        case .detailDown: scrollDetail(by: Self.detailStep)
        case .open: return open()
        case .filter: editFilter()
        case .commandLine: overlay = .commandLine(CommandPrompt(earlier: commandHistory.lines))
        case .sortPrevious: apply(.sortStep(-1), to: view)
        case .sortNext: apply(.sortStep(1), to: view)
        case .sortInvert: apply(.sortInvert, to: view)
        case .follow:
            apply(.follow, to: view)
            let isFollowing = table(of: view)?.isFollowing ?? false
            tell(isFollowing ? "The selected item keeps its place on the screen" : "Following is off")
        case .tag: apply(.tag, to: view)
        case .tagAll: apply(.tagAll, to: view)
        case .fold: toggleFolding()
        case .freeze: freeze()
        case .shorterSpan: changeSpan(by: -1)
        case .longerSpan: changeSpan(by: 1)
        case .compare: compare()
        case .slower: changeInterval(by: 1)
        case .faster: changeInterval(by: -1)
        case .publish, .consume, .browse, .purge, .delete, .change, .closeChannel, .closeConnection, .fault, .runLab:
            apply(.touch, to: view)
            return carryOut(question(for: command))
        case .undoFaults, .write, .copy, .chooseVhost, .chooseCluster, .chooseColumns, .goToTime, .changes, .places,
            .browser:
            return carryOut(question(for: command))
        case .earlier: return go(-1)
        case .later: return go(1)
        case .eventBefore: return goToEvent(-1)
        case .eventAfter: return goToEvent(1)
        case .mark: setMark()
        case .record:
            guard recording.file != nil else { return carryOut(question(for: command)) }
            return stopRecording()
        case .playOrPause: return playOrPause()
        case .playFaster: changeSpeed(1)
        case .playSlower: changeSpeed(-1)
        case .save: return saveScreen()
        case .help: overlay = .help(HelpView())
        case .accept, .olderFilter, .newerFilter, .completeName, .focusNext, .focusPrevious, .changeNext,
            .changePrevious, .toggleColumn, .columnBefore, .columnAfter, .wider, .narrower, .resetColumns:
            // Overlays alone have these.
            break
        }
        return []
    }

    static let detailStep = 5

    /// Scrolls the details pane, starting from the visible position, so that keys never have to undo scrolling beyond
    /// the end.
    mutating func scrollDetail(by lines: Int) {
        let limit = max(0, scrollLimits.detail)
        detailScroll = min(max(0, min(detailScroll, limit) + lines), limit)
    }

    /// Moves within the topmost element: the table, or an overlay that scrolls.
    @discardableResult
    mutating func move(_ command: TableCommand) -> [Action] {
        let room = OverlayRoom(page: tableRows, limit: scrollLimits.overlay)
        if let actions = give(.move(command, room)) { return actions }
        if view == .overview {
            moveInOverview(command)
            return []
        }
        let before = selectedID
        apply(command, to: view)
        if selectedID != before { detailScroll = 0 }
        return []
    }
}

extension ViewID {
    /// Returns the view this many places further, wrapping around.
    func neighbour(_ step: Int) -> ViewID {
        let all = Self.tabs
        let here = all.firstIndex(of: self) ?? 0
        return all[((here + step) % all.count + all.count) % all.count]
    }
}
