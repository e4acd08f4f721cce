import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("What was arranged on the screen comes back")
struct ScreenSetupTests {
    private func named(_ name: String, at: Date = noon) -> Snapshot {
        var part = ClusterPart(at: at, overview: OverviewRow())
        part.name = name
        return .cluster(part)
    }

    private func watching(_ change: (inout State.Options) -> Void = { _ in }) -> State {
        makeState {
            $0.screenFile = "/state/screens.json"
            change(&$0)
        }
    }

    /// A set-up that a user has made and saved.
    private func saved() throws -> SaveRequest {
        var state = watching()
        state.send(named("production"))
        state.send(bulk([depth("a", ready: 1)]))
        state.type(.character(":"))
        state.type(text: "q ready > 5")
        state.type(.enter, .character("C"), .end, .up, .space, .enter, .character(":"))
        state.type(text: "sort name")
        state.type(.enter, .character("]"), .character(":"))
        state.type(text: "theme light")
        state.type(.enter)
        let actions = state.type(.character("S"))
        guard case .start(_, .saveScreen(let request))? = actions.first else {
            throw Missing()
        }
        return request
    }

    private struct Missing: Error {}

    private func screens(_ request: SaveRequest) -> SavedScreens {
        var screens = SavedScreens()
        screens.save(request.screen, of: request.cluster)
        return screens
    }

    @Test("Columns, order, filter, theme, view and span are saved for the cluster, and restored for it alone")
    func saves() throws {
        let request = try saved()
        #expect(request.cluster == "production")
        #expect(request.path == "/state/screens.json")
        var state = watching { $0.screens = screens(request) }
        #expect(state.view == .overview)
        state.send(named("production"))
        #expect(state.view == .queues)
        #expect(state.queues.filter.typed == "ready > 5")
        #expect(state.queues.sort == .name)
        #expect(state.queues.columnSetup == request.screen.views["queues"]?.columns)
        #expect(state.options.theme == "light")
        #expect(state.chosenSpan != nil)
        // It can be saved again as it is.
        #expect(state.screenSetup == request.screen)
        var other = watching { $0.screens = screens(request) }
        other.send(named("staging"))
        #expect(other.screenSetup.views.isEmpty && other.view == .overview && other.options.theme == "dark")
    }

    @Test("Options win, and so does what the user did before the cluster's name was known")
    func wins() throws {
        let request = try saved()
        var state = watching {
            $0.screens = screens(request)
            $0.initialView = .nodes
            $0.theme = "mono"
            $0.given = [.view, .theme]
        }
        state.send(named("production"))
        #expect(state.view == .nodes)
        #expect(state.options.theme == "mono")
        #expect(state.queues.filter.typed == "ready > 5")
        var used = watching { $0.screens = screens(request) }
        used.type(.character("8"))
        used.send(named("production"))
        #expect(used.view == .events)
        // Once is enough: what is changed afterwards stays.
        used.type(.character("2"), .escape)
        used.send(named("production", at: later(1)))
        #expect(used.queues.filter == Filter.none)
    }

    @Test("What is no longer there, or was never sensible, is passed over")
    func foreign() {
        var setup = ScreenSetup()
        setup.view = "no such view"
        setup.theme = "pink"
        setup.span = 7
        var view = ScreenSetup.View()
        view.sort = "no such column"
        view.filter = "redy > 1"
        setup.views = ["queues": view, "overview": view, "no such view": view]
        var saved = SavedScreens()
        saved.save(setup, of: "production")
        var state = watching { $0.screens = saved }
        state.send(named("production"))
        #expect(state.view == .overview && state.options.theme == "dark" && state.chosenSpan == nil)
        #expect(state.queues.sort == QueueRow.defaultSort && state.queues.filter == Filter.none)
    }

    @Test("Without a file or a cluster's name nothing is saved, and that is said")
    func nothing() {
        var state = makeState()
        state.send(named("production"))
        #expect(state.type(.character("S")) == [])
        var unnamed = watching()
        #expect(unnamed.type(.character("S")) == [])
        #expect(unnamed.notice != nil)
        var many = SavedScreens()
        for number in 0..<150 { many.save(ScreenSetup(), of: Name("c\(number)")) }
        #expect(many.clusters.count == SavedScreens.capacity)
        #expect(many["c0"] == nil && many["c149"] != nil)
    }
}

extension ScreenSetupTests {
    @Test("At the end there is something to save only when something was arranged and not saved yet")
    func atTheEnd() throws {
        var state = watching()
        #expect(state.setupAtEnd == nil)
        state.send(named("production"))
        #expect(state.setupAtEnd == nil)
        state.type(.character("2"), .character("I"))
        let request = try #require(state.setupAtEnd)
        #expect(request.screen.view == "queues" && request.screen.views["queues"]?.descending != nil)
        state.type(.character("S"))
        #expect(state.setupAtEnd == nil)
        state.type(.character("I"))
        #expect(state.setupAtEnd != nil)
        state.options.savesScreen = false
        #expect(state.setupAtEnd == nil)
    }

    @Test("What an option says and what a drill-down had set is not saved at the end")
    func onlyWhatWasArranged() throws {
        var state = watching {
            $0.initialView = .queues
            $0.theme = "mono"
            $0.given = [.view, .theme]
        }
        state.send(named("production"))
        state.send(bulk([depth("a", ready: 1)]))
        #expect(state.setupAtEnd == nil)
        state.follow(.condition(.channels, "publish_rate > 0"))
        #expect(state.view == .channels && state.channels.filter != .none)
        #expect(state.setupAtEnd == nil)
    }

    @Test("What was restored is not saved again")
    func restored() throws {
        let request = try saved()
        var state = watching { $0.screens = screens(request) }
        state.send(named("production"))
        #expect(state.setupAtEnd == nil)
    }
}
