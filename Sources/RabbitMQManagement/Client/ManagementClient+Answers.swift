import NIOCore
import NIOHTTP1
import Names

/// Decoding responses into rows.
extension ManagementClient {
    func outgoing(_ method: HTTPMethod, _ path: RequestPath) -> OutgoingRequest {
        OutgoingRequest(
            method: method, address: configuration.address,
            target: configuration.address.pathPrefix + path.description, unaddressable: path.unaddressable)
    }

    /// Returns an answer that is neither a row nor a list.
    func document(_ path: RequestPath) async throws(ManagementError) -> JSONValue { try await get(path) }

    private func get(_ path: RequestPath) async throws(ManagementError) -> JSONValue {
        let request = outgoing(.GET, path)
        return try json(of: try await success(request, into: BufferSink()), request)
    }

    func row<Row: ManagementObject>(_ path: RequestPath) async throws(ManagementError) -> Row {
        let json = try await get(path)
        guard let row = Row(json: json) else { throw unexpected(path, "no \(Row.self)") }
        return row
    }

    func list<Row: ManagementObject>(_ path: RequestPath) async throws(ManagementError) -> ObjectList<Row> {
        let json = try await get(path)
        // `{}` and an object with `items` are lists too: a broker or a proxy may return pages without being asked.
        guard let elements = json.elements ?? ObjectFields(json)?["items"].elements else {
            throw unexpected(path, "no list")
        }
        return ObjectList(elements: elements)
    }

    func page<Row: ManagementObject>(_ path: RequestPath, _ query: ListQuery) async throws(ManagementError) -> Page<Row>
    {
        let request = outgoing(.GET, path)
        let answer = try await success(request, into: BufferSink())
        let isFiltered = query.isRegularExpression && query.name?.isEmpty == false
        if answer.sink.buffer.readableBytes == 0, isFiltered {
            // RabbitMQ 4.3 returns an empty 200 for a malformed regular expression.
            throw ManagementError(
                .badRequest(reason: "the regular expression is not valid"), request: request.summary,
                address: request.address.description)
        }
        guard var page = Page<Row>(json: try json(of: answer, request)) else { throw unexpected(path, "no list") }
        page.patternMayBeInvalid = isFiltered && page.items.isEmpty && page.undecodable == 0 && page.totalCount > 0
        return page
    }

    func rows<Row: ManagementObject>(of answer: JSONValue) async throws(ManagementError) -> ObjectList<Row> {
        guard let elements = answer.elements else { throw unexpected(RequestPath(), "no list") }
        return ObjectList(elements: elements)
    }

    /// Sends a request that changes something and returns its response (null if it is empty).
    @discardableResult
    func change(
        _ method: HTTPMethod, _ path: RequestPath, headers: HTTPHeaders = HTTPHeaders(), body: JSONValue? = nil
    ) async throws(ManagementError) -> JSONValue {
        var request = outgoing(method, path)
        request.headers = headers
        request.body = body.map { ByteBuffer(string: $0.jsonText) }
        let answer = try await success(request, into: BufferSink())
        return answer.sink.buffer.readableBytes == 0 ? .null : try json(of: answer, request)
    }

    func alarmCheck(_ path: RequestPath) async throws(ManagementError) -> AlarmCheck {
        let request = outgoing(.GET, path)
        let answer = try await exchange(request, into: BufferSink())
        switch answer.status {
        case 200: return AlarmCheck(isOK: true, reason: nil, alarms: [])
        case 503:
            // The 503 of a proxy contains no alarms.
            guard let json = try? JSONParser.parse(answer.refusal), let check = AlarmCheck(failed: json) else {
                throw refusal(of: request, answer)
            }
            return check
        default: throw refusal(of: request, answer)
        }
    }

    private func json(of answer: Answer<BufferSink>, _ request: OutgoingRequest) throws(ManagementError) -> JSONValue {
        let code: ManagementError.Code
        do {
            return try JSONParser.parse(answer.sink.buffer)
        } catch {
            switch error {
            case .unexpectedEnd where answer.sink.buffer.readableBytes > 0: code = .truncated
            case .unexpectedEnd: code = .unexpectedAnswer(reason: "it is empty")
            case .tooLarge: code = .unexpectedAnswer(reason: "its values take more than \(JSONParser.room >> 20) MiB")
            case .invalid:
                let type = answer.headers.first(name: "Content-Type")
                code = .notJSON(contentType: type.flatMap { BrokerText.harmless($0, limit: 80) })
            }
        }
        throw ManagementError(code, request: request.summary, address: request.address.description)
    }

    /// Returns the error for an object that a list does not contain.
    func missing(_ path: RequestPath) -> ManagementError {
        ManagementError(
            .notFound, request: outgoing(.GET, path).summary, address: configuration.address.description)
    }

    private func unexpected(_ path: RequestPath, _ reason: String) -> ManagementError {
        ManagementError(
            .unexpectedAnswer(reason: reason), request: outgoing(.GET, path).summary,
            address: configuration.address.description)
    }

    // MARK: Connections whose clients' names cannot be written

    /// How long the reduced query is used directly before the full one is tried again.
    private static let namesUnreadableFor: Duration = .seconds(30)

    func connectionPage(_ query: ListQuery) async throws(ManagementError) -> Page<ConnectionInfo> {
        let path = RequestPath("connections")
        var reduced = query
        reduced.columns = Self.withoutClientNames(query.columns)
        // A query whose sort or columns do not include the names is sent unchanged.
        if reduced.columns == query.columns { return try await page(path.adding(query.items), query) }
        let now = ContinuousClock.now
        if state.withLock({ $0.namesUnreadableUntil.map { now < $0 } ?? false }) {
            return try await pageWithoutClientNames(path, reduced)
        }
        do {
            return try await page(path.adding(query.items), query)
        } catch  where error.isServerError {
            let page = try await pageWithoutClientNames(path, reduced)
            state.withLock { $0.namesUnreadableUntil = now + Self.namesUnreadableFor }
            return page
        }
    }

    private func pageWithoutClientNames(
        _ path: RequestPath, _ query: ListQuery
    ) async throws(ManagementError) -> Page<ConnectionInfo> {
        var page: Page<ConnectionInfo> = try await page(path.adding(query.items), query)
        page.isWithoutClientNames = true
        return page
    }

    func connectionRow(_ name: Name) async throws(ManagementError) -> ConnectionInfo {
        let path = RequestPath("connections", name)
        do {
            return try await row(path)
        } catch  where error.isServerError {
            let columns = Name(ConnectionInfo.columnsWithoutClientNames.joined(separator: ","))
            return try await row(path.adding([("columns", columns)]))
        }
    }

    private static func withoutClientNames(_ columns: [String]) -> [String] {
        guard !columns.isEmpty else { return ConnectionInfo.columnsWithoutClientNames }
        return columns.filter { $0 != "user_provided_name" && !$0.hasPrefix("client_properties") }
    }
}

extension AlarmCheck {
    /// Decodes a failed check; nil if the response is not one.
    init?(failed json: JSONValue) {
        guard let fields = ObjectFields(json), fields.string("status") == "failed" || !fields["alarms"].isNull
        else { return nil }
        isOK = false
        reason = fields.string("reason").flatMap { BrokerText.harmless($0) }
        alarms = (fields["alarms"].elements ?? []).compactMap { element in
            guard let alarm = ObjectFields(element), let node = alarm.name("node") else { return nil }
            return Alarm(node: node, resource: alarm.string("resource") ?? alarm.string("alarm") ?? "resource")
        }
    }
}
