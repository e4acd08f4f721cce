import Foundation
import Glibc

/// A check that shows whether a part of the node is up.
enum ReadinessProbe: Sendable, Equatable {
    /// An AMQP listener answers the protocol header with connection.start (AMQP 0-9-1, 2.2.4).
    case amqp(port: Int)
    /// A listener accepts connections.
    case connection(port: Int)
    /// A web server answers a request, with any status.
    case http(port: Int)
    /// The management API lists an exchange of the virtual host `/`.
    case exchange(String, port: Int)
    /// A process has a listening socket on a port.
    case listener(port: Int, process: Int32)
    /// A file contains a text.
    case text(String, file: String)

    /// Performs the check. Blocks for at most about a second.
    func holds() -> Bool {
        switch self {
        case .amqp(let port):
            // A method frame on channel 0; after the payload's size class 10, method 10.
            let answer = Self.ask(port, Array("AMQP".utf8) + [0, 0, 9, 1], bytes: 11)
            return answer.count == 11 && answer.prefix(3) == [1, 0, 0] && answer.suffix(4) == [0, 10, 0, 10]
        case .connection(let port):
            return Self.ask(port, [], bytes: 0, whenConnected: true).first == 1
        case .http(let port):
            return Self.get("/", port: port, bytes: 7).elementsEqual("HTTP/1.".utf8)
        case .exchange(let name, let port):
            let authorization = "Authorization: Basic \(Data("guest:guest".utf8).base64EncodedString())\r\n"
            let answer = Self.get("/api/exchanges/%2F/\(name)", port: port, fields: authorization, bytes: 12)
            return answer.elementsEqual("HTTP/1.1 200".utf8)
        case .listener(let port, let process):
            return ListeningSocket.all(of: [process]).contains { $0.port == port }
        case .text(let text, let file):
            guard let data = FileManager.default.contents(atPath: file) else { return false }
            return data.range(of: Data(text.utf8)) != nil
        }
    }

    private static func get(_ path: String, port: Int, fields: String = "", bytes: Int) -> [UInt8] {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(fields)Connection: close\r\n\r\n"
        return ask(port, Array(request.utf8), bytes: bytes)
    }

    private static func ask(_ port: Int, _ request: [UInt8], bytes: Int, whenConnected: Bool = false) -> [UInt8] {
        guard let number = UInt16(exactly: port) else { return [] }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard LoopbackAddress(port: number).withPointer({ connect(descriptor, $0, $1) }) == 0 else { return [] }
        if whenConnected { return [1] }
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return [] }
        var answer: [UInt8] = []
        while answer.count < bytes {
            var part = [UInt8](repeating: 0, count: bytes - answer.count)
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { break }
            answer += part.prefix(count)
        }
        return answer
    }
}
