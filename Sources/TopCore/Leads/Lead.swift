public import Names

/// A place on the screen that something leads to.
public enum Lead: Sendable, Equatable {
    /// A row in its view.
    case row(RowID)
    /// A view, narrowed to what belongs to an object.
    case view(ViewID, Scope)
    /// The rows of a view for which a condition holds.
    case condition(ViewID, String)
    /// The queues of a vhost.
    case vhost(Name)

    /// Returns the rows of a view whose column has one of these values.
    static func rows(of view: ViewID, where column: String, isOneOf values: [Name]) -> Self {
        .condition(view, values.map { "\(column) = \(quoted($0))" }.joined(separator: " or "))
    }

    /// Returns a name as a text of a condition.
    static func quoted(_ name: Name) -> String {
        var text = ""
        for scalar in name.text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
        return "\"\(text)\""
    }
}

extension State {
    /// Leads on to a place, unless the path has come from there: Enter never goes round in a circle.
    mutating func leadOn(to lead: Lead) {
        guard !isBehind(lead) else {
            return tell("The way here came from there: Esc goes back, o lists what else this leads to")
        }
        follow(lead)
    }

    /// Whether the path to what is shown has passed a place.
    private func isBehind(_ lead: Lead) -> Bool {
        switch lead {
        case .row(let row): trail.contains { $0.selection == row }
        case .view(let view, let scope): trail.contains { $0.view == view && $0.scope == scope }
        case .condition, .vhost: false
        }
    }

    /// Shows a place; Esc comes back.
    mutating func follow(_ lead: Lead) {
        switch lead {
        case .row(let row): self.lead(to: row)
        case .view(let view, let scope): self.lead(to: view, scope: scope)
        case .condition(let view, let condition):
            guard let filter = try? Filter(typed: condition, in: view) else {
                return tell("Its name cannot be searched for")
            }
            self.lead(to: view, scope: nil)
            apply(.filter(filter), to: view)
        case .vhost(let name):
            self.lead(to: .queues, scope: nil)
            limit(to: name)
        }
    }
}
