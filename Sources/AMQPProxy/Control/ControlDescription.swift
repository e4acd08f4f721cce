import Faults
import Foundation

/// Describes the control API in OpenAPI 3.1, generated from its routes.
enum ControlDescription {
    static let json: String = {
        let data = try? JSONSerialization.data(
            withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }()

    private static var document: [String: Any] {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "rabbittop proxy", "version": "1",
                "description": "Sessions that pass through the proxy, faults in them, and what followed.",
            ],
            "paths": paths,
            "components": [
                "schemas": ["Fault": fault, "Error": error],
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
            "security": [["token": [String]()], [:]],
        ]
    }

    private static var paths: [String: Any] {
        var paths: [String: [String: Any]] = [:]
        for route in ControlRoute.all {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        return paths
    }

    private static func operation(_ route: ControlRoute) -> [String: Any] {
        var operation: [String: Any] = [
            "summary": route.summary,
            "responses": [
                "\(route.status.code)": [
                    "description": route.answer, "content": [route.answerType: [String: String]()],
                ],
                "default": ["description": "What is wrong, and what to do.", "content": content("Error")],
            ],
        ]
        if !route.parameters.isEmpty {
            operation["parameters"] = route.parameters.map { parameter in
                [
                    "name": parameter.name, "in": parameter.place, "required": parameter.place == "path",
                    "description": parameter.help, "schema": ["type": parameter.type],
                ] as [String: Any]
            }
        }
        if let body = route.body {
            operation["requestBody"] = ["required": true, "content": content(body)] as [String: Any]
        }
        return operation
    }

    private static func content(_ schema: String) -> [String: Any] {
        ["application/json": ["schema": ["$ref": "#/components/schemas/\(schema)"]]]
    }

    private static var error: [String: Any] {
        [
            "type": "object", "required": ["error", "advice"],
            "properties": ["error": ["type": "string"], "advice": ["type": "string"]],
        ]
    }

    private static var fault: [String: Any] {
        let numbers: Set<FaultSelector.Field> = [.channel, .every, .afterMessages, .afterBytes, .times]
        let fields = FaultSelector.Field.allCases.map { field -> (String, [String: Any]) in
            (field.rawValue, ["type": numbers.contains(field) ? "integer" : field == .percentage ? "number" : "string"])
        }
        let connections: [String: Any] = [
            "type": "object", "additionalProperties": false, "required": ["names"],
            "properties": [
                "condition": ["type": "string", "description": "How they were chosen, for messages."],
                "names": ["type": "array", "items": ["type": "string"], "maxItems": ChosenConnections.most]
                    as [String: Any],
            ] as [String: Any],
        ]
        return [
            "type": "object", "required": ["fault"], "additionalProperties": false,
            "properties": [
                "fault": [
                    "type": "string", "description": "Its name: see /catalogue.",
                    "enum": FaultCatalogue.all.map(\.name),
                ] as [String: Any],
                "parameters": [
                    "type": "object", "description": "Where they differ from the catalogue's defaults.",
                    "additionalProperties": ["type": ["integer", "number", "string", "boolean"]],
                ] as [String: Any],
                "selector": [
                    "type": "object", "additionalProperties": false,
                    "properties": Dictionary(fields + [("connections", connections)]) { first, _ in first },
                ] as [String: Any],
                "duration_s": ["type": "number", "description": "Seconds until it is undone by itself."],
                "seed": ["type": "integer", "description": "The same seed gives the same run."],
            ] as [String: Any],
        ]
    }
}
