import AMQPWire
import Tracing

/// Writes what an instrument wants to travel with a message into its headers: `traceparent` and `tracestate` for W3C's
/// trace context, or whatever keys the instrument has.
struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into properties: inout BasicProperties) {
        var headers = properties.headers ?? [:]
        headers[key] = .string(value)
        properties.headers = headers
    }
}

/// Reads it back. Values that are no text are none of ours.
struct HeaderExtractor: Extractor {
    func extract(key: String, from properties: BasicProperties) -> String? {
        switch properties.headers?[key] {
        case .string(let text)?: text.isText ? text.text : nil
        // Some clients send text as a byte array.
        case .bytes(let bytes)?: String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }
}
