extension State {
    /// Returns what a command asks before it acts.
    func question(for command: Command) -> OverlayOutcome {
        switch command {
        case .publish: publishForm()
        case .consume: consumeForm()
        case .peek: peekForm()
        case .purge: purgeQuestion()
        case .delete: deleteQuestion()
        case .closeChannel: closeChannelQuestion()
        case .closeConnection: closeConnectionQuestion()
        case .fault: FaultFlow.list(in: self)
        case .undoFaults: undoList()
        case .runLab: labForm()
        case .write: writeForm()
        case .chooseVhost: vhostList()
        case .chooseCluster: clusterList()
        case .change: changeList()
        case .goToTime: timeForm()
        case .record: recordForm()
        case .changes: changesPage()
        default: .stays
        }
    }

    /// Passes an input to the overlay that is shown; returns `nil` for one that is not for it.
    mutating func give(_ input: OverlayInput) -> [Action]? {
        guard let outcome = overlays.top?.take(input) else { return nil }
        return carryOut(outcome)
    }

    /// Carries out what follows from an input to an overlay, or from a key that asks for one.
    mutating func carryOut(_ outcome: OverlayOutcome) -> [Action] {
        switch outcome {
        case .stays: break
        case .closes: overlays.close()
        case .shows(let next): overlay = next
        case .says(let text, let severity): tell(text, severity)
        case .starts(let operation):
            overlays.close()
            if case .runLab = operation {
                isDetailOpen = true
                detailScroll = 0
            }
            return start(operation)
        case .submits(let form): return carryOut(form.submitted(in: self))
        case .limits(let vhost):
            overlays.close()
            limit(to: vhost)
        case .filters(let filter, let closes):
            apply(.filter(filter), to: view)
            if closes { overlays.close() }
        case .goes(let time):
            overlays.close()
            return seek(to: time)
        case .records(let path):
            overlays.close()
            return [.record(path)]
        case .switches(let name, let isConfirmed): return switchCluster(to: name, isConfirmed: isConfirmed)
        case .covers(let next): overlays.cover(with: next)
        case .keepsFilter(let typed):
            filterHistory.add(typed)
            overlays.close()
        }
        return []
    }

    /// Opens an empty filter prompt; the arrow up recalls earlier filters.
    mutating func editFilter() {
        let before = table(of: view)?.filter ?? .none
        // A filter that was set by a key is added to the history, too.
        if filterHistory.filters.first != before.typed { filterHistory.add(before.typed) }
        overlay = .filter(FilterPrompt(in: view, before: before, earlier: filterHistory.filters))
        apply(.filter(.none), to: view)
    }

    mutating func point(_ pointer: Pointer) -> [Action] {
        defer { forgetAbsentee(after: pointer) }
        switch pointer {
        case .view(let view):
            guard overlay == nil else { return [] }
            go(to: view)
        case .row(let row):
            guard overlay == nil else { return [] }
            move(.row(row))
        case .openRow(let row):
            guard overlay == nil, let count = table(of: view)?.count, row >= 0, row < count else { return [] }
            move(.row(row))
            return open()
        case .overviewLine(let item), .openOverviewLine(let item):
            guard overlay == nil, view == .overview, let place = scrollLimits.overview.firstIndex(of: item) else {
                return []
            }
            overview.select(place, of: scrollLimits.overview)
            if case .openOverviewLine = pointer { openOverviewLine() }
        case .heading(let key):
            guard overlay == nil else { return [] }
            apply(.sortBy(key), to: view)
        case .scroll(let lines): move(.lines(lines))
        case .detail: break
        case .scrollDetail(let lines): scrollDetail(by: lines)
        case .command(let command):
            let binding = Bindings.all.first { $0.command == command && $0.applies(in: self) }
            if let binding { return perform(binding.command) }
            if let refused = Bindings.all.first(where: { $0.command == command && $0.contexts.contains(context) }),
                let key = refused.keys.first
            {
                return handle(key)
            }
        case .choice(let index): return give(.press(index)) ?? []
        }
        return []
    }
}
