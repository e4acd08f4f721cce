import Foundation
import RabbitMQClient

/// Reports as another process would send them.
enum SampleReport {
    struct Link {
        var id = 1
        var name = "127.0.0.1:50640 -> 127.0.0.1:5672"
        var clientName: String? = "orders"
        var vhost = "/"
        var state = "open"
        var blockedReason: String?
        var openedAt = 1000.0
        var closedAt: Double?
        /// When its latest error happened; nil: when it was closed.
        var errorAt: Double?
        /// Code, text, who ended it.
        var error: (code: Int, text: String, initiator: String)?
        var channels: [[String: Any]] = []
    }

    static func channel(_ number: Int, id: Int? = nil, _ more: [String: Any] = [:]) -> [String: Any] {
        let plain: [String: Any] = [
            "id": id ?? number, "number": number, "state": "open", "openedAt": 1000.0, "inFlight": 0, "unconfirmed": 0,
            "unacked": 0, "prefetch": 0, "confirmMode": false, "transactional": false, "consumers": [Any](),
            "published": 0, "confirmed": 0, "returned": 0, "nacked": 0, "delivered": 0, "acked": 0,
        ]
        return plain.merging(more) { $1 }
    }

    static func error(_ code: Int, _ text: String, initiator: String = "peer", scope: String = "channel", at: Double)
        -> [String: Any]
    {
        [
            "code": code, "name": code == 404 ? "NOT_FOUND" : "CONNECTION_FORCED", "text": text,
            "initiator": initiator, "scope": scope, "at": at,
        ]
    }

    static func make(_ links: [Link], pools: [[String: Any]] = [], at: Double = 2000) throws -> ClientReport {
        let connections: [[String: Any]] = links.map { link in
            var json: [String: Any] = [
                "id": link.id, "name": link.name, "virtualHost": link.vhost, "user": "guest", "state": link.state,
                "heartbeat": 60, "channelMax": 2047, "frameMax": 131_072, "openedAt": link.openedAt, "bytesIn": 10,
                "bytesOut": 20, "framesIn": 3, "framesOut": 4, "channels": link.channels,
            ]
            json["clientName"] = link.clientName
            json["blockedReason"] = link.blockedReason
            json["closedAt"] = link.closedAt
            if let error = link.error {
                json["lastError"] = self.error(
                    error.code, error.text, initiator: error.initiator, scope: "connection",
                    at: link.errorAt ?? link.closedAt ?? 1500)
            }
            return json
        }
        let data = try JSONSerialization.data(withJSONObject: [
            "madeAt": at, "connections": connections, "pools": pools,
        ])
        return try JSONDecoder().decode(ClientReport.self, from: data)
    }
}
