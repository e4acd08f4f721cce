import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Commands by name, tagged rows, the clipboard")
    struct Commands {
        @Test("A view with a filter by its name; all its rows tagged, copied, and purged by the name of the action")
        func commands() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            for name in ["orders-1", "orders-2", "orders-3", "other"] {
                try await broker.declare(name, vhost: vhost)
                try await broker.publish(5, to: name, vhost: vhost, body: "x")
            }
            try await DashboardTerminal.watch(broker, ["-V", vhost]) { dashboard in
                try await dashboard.terminal.tmux(["set", "-s", "set-clipboard", "on"])
                try await dashboard.press(":")
                try await dashboard.type("q orders")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "three queues with messages") { picture in
                    (1...3).allSatisfy { picture.ready("orders-\($0)") == 5 } && picture.row("other") == nil
                }
                try await dashboard.type("*")
                try await dashboard.wait(forText: "3 tagged")
                try await dashboard.press("y")
                try await dashboard.wait(forText: "Copy 3 tagged rows")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "Sent to the clipboard")
                let copied = try await dashboard.terminal.wait(for: "text in tmux's buffer") { () -> String? in
                    let buffer = try? await dashboard.terminal.tmux(["show-buffer"])
                    return buffer?.isEmpty == false ? buffer : nil
                }
                #expect(copied.split(separator: "\n").sorted() == ["orders-1", "orders-2", "orders-3"])
                try await dashboard.press(":")
                try await dashboard.type("purge")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "throws away 15 ready messages")
                try await dashboard.press("Tab", "Enter")
                try await dashboard.wait(forText: "purge of 3 queues: 3 done")
                try await dashboard.wait(for: "empty queues without tags") { picture in
                    (1...3).allSatisfy { picture.ready("orders-\($0)") == 0 } && !picture.text.contains("tagged")
                }
                #expect(try await broker.depth("other", vhost: vhost) == 5)
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
