/// The description as JSON; missing values are null.
extension FaultDescription: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, title, scope, does, blast, undo, application, parameters, selects, destructive
        case injectionPoint = "room"
        case defaultDuration = "default_duration_s"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(title, forKey: .title)
        try values.encode(injectionPoint, forKey: .injectionPoint)
        try values.encode(scope, forKey: .scope)
        try values.encode(does, forKey: .does)
        try values.encode(blast, forKey: .blast)
        try values.encode(undo, forKey: .undo)
        try values.encode(defaultDuration, forKey: .defaultDuration)
        try values.encode(application, forKey: .application)
        try values.encode(parameters, forKey: .parameters)
        try values.encode(selects, forKey: .selects)
        try values.encode(isDestructive, forKey: .destructive)
    }
}

extension FaultParameter: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, help, unit, range
        case value = "default"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(help, forKey: .help)
        try values.encode(unit, forKey: .unit)
        try values.encode(range, forKey: .range)
        try values.encode(value, forKey: .value)
    }
}
