import Foundation
import FoundationNetworking

extension TestBroker {
    /// What the management API answered.
    public struct Answer: Sendable {
        public var status: Int
        public var body: Data

        /// The body as JSON, an object or an array; `nil` when it is neither.
        public var json: Any? { try? JSONSerialization.jsonObject(with: body) }
    }

    /// The API refused what a test needed.
    public struct Refused: Error, CustomStringConvertible {
        public var description: String
    }

    /// Sends one request to the management API as guest.
    ///
    /// - Parameters:
    ///   - path: below `/api/`, percent-encoded: `queues/%2F/orders`.
    ///   - json: the text of the body.
    public func management(_ method: String = "GET", _ path: String, json: String? = nil) async throws -> Answer {
        guard let url = URL(string: "\(managementURL.absoluteString)/api/\(path)") else {
            throw Refused(description: "No URL: \(path)")
        }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = method
        request.httpBody = json.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
        request.setValue("Basic \(credentials)", forHTTPHeaderField: "Authorization")
        let (body, response) = try await URLSession.shared.data(for: request)
        return Answer(status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: body)
    }

    /// A new vhost in which guest may do everything. - Returns: its name.
    public func makeVhost(_ stem: String = "vhost") async throws -> String {
        let name = uniqueName(stem)
        try await expectSuccess("PUT", "vhosts/\(name)", json: "{}")
        try await grant(user, vhost: name)
        return name
    }

    public func deleteVhost(_ name: String) async throws {
        try await expectSuccess("DELETE", "vhosts/\(Self.encoded(name))")
    }

    /// A new user, with the given tags (`administrator`, `monitoring`, …) and no permissions. - Returns: its name.
    public func makeUser(_ stem: String = "user", password: String, tags: String = "") async throws -> String {
        let name = uniqueName(stem)
        try await expectSuccess("PUT", "users/\(name)", json: #"{"password":"\#(password)","tags":"\#(tags)"}"#)
        return name
    }

    /// Gives a user without tags another password.
    public func changePassword(of user: String, to password: String) async throws {
        try await expectSuccess("PUT", "users/\(user)", json: #"{"password":"\#(password)","tags":""}"#)
    }

    /// Sets what a user may do in a vhost, as regular expressions.
    public func grant(
        _ user: String, vhost: String, configure: String = ".*", write: String = ".*", read: String = ".*"
    ) async throws {
        try await expectSuccess(
            "PUT", "permissions/\(Self.encoded(vhost))/\(Self.encoded(user))",
            json: #"{"configure":"\#(configure)","write":"\#(write)","read":"\#(read)"}"#)
    }

    /// Asks the management API for something that has to succeed.
    public func expectSuccess(_ method: String, _ path: String, json: String? = nil) async throws {
        let answer = try await management(method, path, json: json)
        guard (200..<300).contains(answer.status) else {
            throw Refused(
                description: "\(method) /api/\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    /// A name as one segment of a path: the vhost `/` is `%2F`.
    public static func encoded(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", "_", ".", "~"])) ?? name
    }
}
