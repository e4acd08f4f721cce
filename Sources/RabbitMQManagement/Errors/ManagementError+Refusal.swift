import NIOCore
import NIOHTTP1

extension ManagementError.Code {
    /// Returns the meaning of a status other than 2xx, using the body where the status is not sufficient.
    static func refusal(
        status: Int, headers: HTTPHeaders, body: ByteBuffer, sentCredentials: Bool
    ) -> (code: Self, reply: String?) {
        let json = try? JSONParser.parse(body)
        let fields = json.flatMap(ObjectFields.init)
        let error = fields?.string("error")
        let reason = fields.flatMap { Self.reason($0["reason"]) }
        let reply = reason ?? error.flatMap { BrokerText.harmless($0) }
        let contentType = headers.first(name: "Content-Type").flatMap { BrokerText.harmless($0, limit: 80) }
        let isForeign = json == nil && contentType?.lowercased().hasPrefix("text/html") == true
        switch status {
        case 401:
            if error == "not_authorised" || reason?.lowercased().contains("management user") == true {
                return (.notPermitted, reply)
            }
            return (sentCredentials ? .badCredentials : .noCredentials, reply)
        case 403: return (.notPermitted, reply)
        case 404: return (isForeign ? .notJSON(contentType: contentType) : .notFound, reply)
        case 405:
            let allowed = headers[canonicalForm: "Allow"].map { String($0).uppercased() }.filter { !$0.isEmpty }
            return (.methodNotAllowed(allowed: allowed.compactMap { BrokerText.harmless($0, limit: 20) }), reply)
        case 400 where error == "page_out_of_range": return (.pageOutOfRange, reply)
        case 400 where reason?.contains("Stats in management UI are disabled") == true:
            return (.statisticsDisabled, reply)
        case 400 where isForeign: return (.notJSON(contentType: contentType), reply)
        case 400..<500: return (.badRequest(reason: reply ?? "status \(status), no reason given"), reply)
        case 503: return (.unavailable(reason: reply ?? "no reason given"), reply)
        case 500..<600: return (.serverError(status: status), reply)
        default: return (.unexpectedStatus(status), reply)
        }
    }

    /// Returns the broker's reason, which is a string, an array of strings or, for some errors, an object.
    private static func reason(_ json: JSONValue) -> String? {
        switch json {
        case .null, .bool: nil
        case .string(let text): BrokerText.harmless(text)
        case .integer, .largeInteger, .number: json.text
        case .array(let elements):
            BrokerText.harmless(elements.map { $0.text ?? $0.jsonText }.joined(separator: "; "))
        case .object: BrokerText.harmless(json.jsonText)
        }
    }
}
