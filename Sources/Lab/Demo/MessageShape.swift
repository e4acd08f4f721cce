/// The form of an application's message bodies: a small JSON object, described field by field.
struct MessageShape: Sendable, Hashable {
    enum Field: Sendable, Hashable {
        /// A number that increases with each message, after a prefix: `"A-1042"`.
        case identifier(String)
        case choice([String])
        /// An integer.
        case number(ClosedRange<Int>)
        /// A number with two decimals.
        case amount(ClosedRange<Double>)
    }

    struct Entry: Sendable, Hashable {
        var name: String
        var field: Field
    }

    /// The message's `type` property.
    var type: String
    var entries: [Entry]

    init(_ type: String, _ fields: KeyValuePairs<String, Field>) {
        self.type = type
        entries = fields.map { Entry(name: $0.key, field: $0.value) }
    }

    /// Returns the body of the message with a number.
    func body(number: Int, using random: inout some RandomNumberGenerator) -> String {
        var text = "{"
        for entry in entries {
            if text.utf8.count > 1 { text += "," }
            text += "\"\(entry.name)\":"
            switch entry.field {
            case .identifier(let prefix): text += "\"\(prefix)\(number)\""
            case .choice(let values): text += "\"\(values.randomElement(using: &random) ?? "")\""
            case .number(let range): text += String(Int.random(in: range, using: &random))
            case .amount(let range):
                let cents = Int((Double.random(in: range, using: &random) * 100).rounded())
                let (whole, part) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
                text += "\(cents < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
            }
        }
        return text + "}"
    }
}

extension MessageShape {
    static let order = MessageShape(
        "order",
        [
            "order": .identifier("A-"), "customer": .choice(["Ana Lima", "李雷", "Zoë", "Иван", "سارة", "佐藤"]),
            "items": .number(1...9), "total": .amount(4...890), "currency": .choice(["EUR", "USD", "JPY", "BRL"]),
        ])
    static let payment = MessageShape(
        "payment",
        [
            "payment": .identifier("P-"), "method": .choice(["card", "sepa", "wallet"]), "amount": .amount(4...890),
            "attempt": .number(1...3),
        ])
    static let mail = MessageShape(
        "mail",
        [
            "mail": .identifier("M-"), "template": .choice(["welcome", "invoice", "shipped", "rückgabe"]),
            "locale": .choice(["de", "fr", "ja", "ru", "ar", "pt-BR"]),
        ])
    static let push = MessageShape(
        "push",
        ["device": .number(10_000...99_999), "text": .choice(["Your parcel is here 📦", "配達完了", "Скидка 20 %"])])
    static let picture = MessageShape(
        "picture",
        ["picture": .identifier("img-"), "width": .number(200...4_000), "format": .choice(["jpeg", "webp"])])
    static let cart = MessageShape(
        "cart", ["cart": .identifier("C-"), "items": .number(1...12), "value": .amount(3...400)])
    static let stock = MessageShape(
        "stock", ["sku": .identifier("SKU-"), "change": .number(-5...20), "place": .choice(["A-01", "B-17", "Z-99"])])
    static let menu = MessageShape("menu", ["table": .number(1...24), "cups": .number(1...4), "sum": .amount(2...30)])
    static let giftCard = MessageShape("gift-card", ["card": .identifier("🎁-"), "value": .amount(10...100)])
    static let position = MessageShape(
        "position",
        ["vehicle": .number(1...240), "lat": .amount(33...43), "lon": .amount(130...145), "speed": .number(0...90)])
    static let metric = MessageShape(
        "metric",
        ["host": .choice(["web-1", "web-2", "db-1", "db-2"]), "load": .amount(0...16), "steal": .amount(0...2)])
    static let log = MessageShape(
        "log",
        [
            "line": .identifier(""), "level": .choice(["debug", "info", "info", "info", "warning"]),
            "text": .choice(["GET /cart 200", "GET /café 304", "POST /checkout 201", "slow query: 812 ms"]),
        ])
    static let report = MessageShape("report", ["row": .identifier("R-"), "revenue": .amount(0...9_999)])
}
