import Foundation

/// Where another process shows the report of its AMQP clients: a Unix socket or an HTTP address, as its `ClientInspector`
/// has it.
public enum AttachAddress: Sendable, Hashable {
    case unix(path: String)
    /// The address without a path: `http://127.0.0.1:9911`.
    case http(origin: String)

    /// `unix:/run/shop/client.sock`, `http://127.0.0.1:9911`; nil when it is neither.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            // With or without the empty host of a URL.
            var path = text.dropFirst("unix:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            guard !path.isEmpty else { return nil }
            self = .unix(path: (String(path) as NSString).expandingTildeInPath)
            return
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty, parts.user == nil,
            ["", "/", "/report"].contains(parts.path), parts.query == nil
        else { return nil }
        self = .http(origin: "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")")
    }

    /// What is asked.
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
    /// As it is written on the command line.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .http(let origin): origin
        }
    }
}
