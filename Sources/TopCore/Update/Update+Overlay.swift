extension State {
    /// Returns what a command asks before it acts.
    func question(for command: Command) -> OverlayOutcome {
        switch command {
        case .publish: publishForm()
        case .consume: consumeForm()
        case .browse: browseForm()
        case .browser(let command): messageForm(for: command)
        case .purge: taggedCount > 0 ? purgeTaggedQuestion() : purgeQuestion()
        case .delete: taggedCount > 0 ? deleteTaggedQuestion() : deleteQuestion()
        case .closeChannel: taggedCount > 0 ? closeTaggedChannelsQuestion() : closeChannelQuestion()
        case .closeConnection: taggedCount > 0 ? closeTaggedConnectionsQuestion() : closeConnectionQuestion()
        case .fault: FaultFlow.list(in: self)
        case .undoFaults: undoList()
        case .runLab: labForm()
        case .write: writeForm()
        case .chooseVhost: vhostList()
        case .copy: copyList()
        case .chooseColumns: columnChooser()
        case .chooseCluster: clusterList()
        case .change: changeList()
        case .goToTime: timeForm()
        case .record: recordForm()
        case .changes: changesPage()
        case .places: placeList()
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
        case .begins(let operation): return start(operation)
        case .submits(let form): return carryOut(form.submitted(in: self))
        case .limits(let vhost):
            overlays.close()
            limit(to: vhost)
        case .leads(let lead):
            overlays.close()
            follow(lead)
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
        case .copies(let kind):
            overlays.close()
            return copy(kind)
        case .arranges(let setup, let closes):
            apply(.show(setup), to: view)
            if closes { overlays.close() }
        case .completesCommand: completeCommand()
        case .runs(let line): return run(line)
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
        if filterHistory.lines.first != before.typed { filterHistory.add(before.typed) }
        overlay = .filter(FilterPrompt(in: view, before: before, earlier: filterHistory.lines))
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
            return request(command)
        case .choice(let index): return give(.press(index)) ?? []
        }
        return []
    }
}
