import Foundation
import RabbitMQManagement

/// The address at which another process serves the report of its AMQP clients: the Unix socket or HTTP address of its
/// `ClientInspector`.
public enum AttachAddress: Sendable, Hashable {
    /// The path of a Unix socket.
    case unix(path: String)
    /// The address without a path: `http://127.0.0.1:9911`.
    case http(origin: String)

    /// Creates an address from `unix:/run/shop/client.sock` or `http://127.0.0.1:9911`; nil if the text is neither.
    public init?(_ text: String) {
        do throws(Flaw) { try self.init(parsing: text) } catch { return nil }
    }

    /// What is wrong with a text. Quotes nothing of the text except an invalid port, because the rest may contain a
    /// password.
    public struct Flaw: Error, Sendable, Hashable {
        /// What is wrong.
        public var what: String
        /// How to write the address.
        public var advice: String
    }

    /// Parses an address.
    ///
    /// - Throws: `Flaw` with what is wrong, and how to write it.
    public init(parsing text: String) throws(Flaw) {
        let form = "Write it as unix:/run/shop/client.sock or http://127.0.0.1:9911."
        if text.hasPrefix("unix:") {
            // With or without the empty host of a URL.
            var path = text.dropFirst("unix:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            guard !path.isEmpty, !path.utf8.contains(0) else { throw Flaw(what: "has no path", advice: form) }
            self = .unix(path: (String(path) as NSString).expandingTildeInPath)
            return
        }
        let address: HTTPAddress
        do throws(HTTPAddress.Flaw) {
            address = try HTTPAddress(text)
        } catch {
            throw Flaw(what: error.what, advice: error.advice ?? form)
        }
        guard address.username == nil else {
            throw Flaw(what: "holds a user or a password", advice: "Leave them out: an inspector asks for none.")
        }
        guard ["", "/report"].contains(address.path) else { throw Flaw(what: "has a path", advice: form) }
        self = .http(origin: address.origin)
    }

    /// The URL of the report.
    var reportURL: String? {
        switch self {
        case .unix(let path):
            let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
            return path.addingPercentEncoding(withAllowedCharacters: allowed).map { "http+unix://\($0)/report" }
        case .http(let origin): return origin + "/report"
        }
    }
}

extension AttachAddress: CustomStringConvertible {
    /// The address as written on the command line.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .http(let origin): origin
        }
    }
}
