import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOPosix
import Names
import RabbitMQClient
import TopCore

/// Reads the report of another process's AMQP clients from its inspector.
final class AttachedClient: Sendable {
    /// The largest report that is read, in bytes: about ten thousand channels.
    static let largestReport = 8 << 20
    /// The capacity of the path in `sockaddr_un`, without the terminating zero byte.
    static let longestSocketPath = 107
    /// How long an answer may take.
    static let limit = Duration.seconds(2)

    let address: AttachAddress
    private let http: HTTPClient
    private let logger: Logger

    init(_ address: AttachAddress, on group: any EventLoopGroup, logger: Logger) {
        self.address = address
        self.logger = logger
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .init(Self.limit)),
            connectionPool: .init(idleTimeout: .seconds(10), concurrentHTTP1ConnectionsPerHostSoftLimit: 1))
        settings.httpVersion = .http1Only
        settings.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: settings)
    }

    func shutdown() async {
        do { try await http.shutdown() } catch { logger.debug("attached client: \(error)") }
    }

    enum Answer: Sendable {
        case report(ClientReport)
        case trouble(SourceHealth.Trouble)
    }

    /// Returns the current state of its clients.
    func report() async -> Answer {
        await withTaskGroup { tasks in
            tasks.addTask { await self.ask() }
            tasks.addTask {
                try? await Task.sleep(for: Self.limit)
                return self.trouble("no answer from \(self.address)", "The process may be stopped or overloaded.")
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? self.trouble("no answer from \(self.address)", nil)
        }
    }

    private func ask() async -> Answer {
        if case .unix(let path) = address, path.utf8.count > Self.longestSocketPath {
            return trouble(
                "the socket path \(path) is too long: the system takes \(Self.longestSocketPath) bytes",
                "Have the process make its socket in a folder nearer to the root.", .notEnabled)
        }
        guard let url = address.reportURL else { return trouble("\(address) is no address", nil) }
        let isNoInspector = "Give the address of a ClientInspector: unix:PATH or http://127.0.0.1:PORT."
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "Accept", value: "application/json")
            request.headers.add(name: "User-Agent", value: "rabbittop")
            let response = try await http.execute(request, timeout: TimeAmount(Self.limit) + .seconds(1))
            if (300..<400).contains(response.status.code) {
                return trouble("\(address) sends requests elsewhere, which is not followed", isNoInspector, .notEnabled)
            }
            guard response.status == .ok else {
                let body = String(buffer: try await response.body.collect(upTo: 1 << 20)).prefix(200)
                return trouble("\(address) answered \(response.status.code): \(body)", isNoInspector, .notEnabled)
            }
            let body = try await response.body.collect(upTo: Self.largestReport)
            return .report(try JSONDecoder().decode(ClientReport.self, from: Data(body.readableBytesView)))
        } catch is NIOTooManyBytesError {
            let limit = Self.largestReport >> 20
            return trouble("the report of \(address) is larger than \(limit) MiB", nil, .notEnabled)
        } catch is DecodingError {
            return trouble("\(address) answers, but not with a client's report", isNoInspector, .notEnabled)
        } catch {
            return unreachable(error)
        }
    }

    private func unreachable(_ error: any Error) -> Answer {
        let errors = (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        switch errors.lazy.compactMap({ ($0 as? IOError)?.errnoCode }).first {
        case ENOENT: return trouble("there is no socket \(address)", "Start the process, or check --attach.")
        case ECONNREFUSED: return trouble("nobody listens at \(address)", "Start the process, or check --attach.")
        case EACCES, EPERM:
            return trouble(
                "this user may not open \(address)", "Run rabbittop as the user of that process.", .denied)
        default: return trouble("\(address) cannot be reached: \(error)", "Check --attach.")
        }
    }

    private func trouble(
        _ problem: String, _ advice: String?, _ state: SourceStatus.State = .unreachable
    ) -> Answer {
        .trouble(
            SourceHealth.Trouble(
                state: state, problem: problem.lineList.joined(separator: " "), advice: advice))
    }
}
