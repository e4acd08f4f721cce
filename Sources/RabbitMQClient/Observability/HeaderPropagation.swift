import AMQPWire
import Tracing

/// Writes an instrument's context into a message's headers: `traceparent` and `tracestate` for the W3C trace context,
/// or the keys of another instrument.
struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into properties: inout BasicProperties) {
        var headers = properties.headers ?? [:]
        headers[key] = .string(value)
        properties.headers = headers
    }
}

/// Reads the context from the headers. Values that are not text are ignored.
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
