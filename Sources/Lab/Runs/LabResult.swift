import Foundation

/// What came of one variant of an experiment, and whether that was expected.
public struct LabResult: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable, Codable {
        case pass, fail

        /// The verdict for people: beside the messages that a wrong variant loses, "pass" would read as if all were well.
        public func words(isCure: Bool) -> String {
            switch self {
            case .pass: isCure ? "pass" : "failed as expected"
            case .fail: isCure ? "fail" : "not as expected"
            }
        }
    }

    public var lab: String
    public var variant: String
    /// Whether the variant is the cure: a wrong one passes when it fails as its experiment says.
    public var isCure: Bool
    public var settings: [String: LabValue]
    public var ledger: LabLedger
    public var expectations: [LabExpectation]
    public var verdict: Verdict
    /// Why, in a line.
    public var why: String

    /// By what was expected: pass when all of it holds, and something was expected.
    ///
    /// - Parameter interruption: why the run ended before its time; it fails then, whatever holds.
    public init(
        lab: String, variant: String, isCure: Bool = true, settings: [String: LabValue], ledger: LabLedger,
        expectations: [LabExpectation], interruption: String? = nil
    ) {
        self.lab = lab
        self.variant = variant
        self.isCure = isCure
        self.settings = settings
        self.ledger = ledger
        self.expectations = expectations
        let broken = expectations.filter { !$0.holds }
        verdict = interruption == nil && broken.isEmpty && !expectations.isEmpty ? .pass : .fail
        why =
            interruption
            ?? (broken.isEmpty ? expectations : broken)
            .map { "\($0.holds ? "" : "not so: ")\($0.what) (\($0.found))" }.joined(separator: "; ")
    }

    /// The verdict for people.
    public var words: String { verdict.words(isCure: isCure) }

    /// One line of JSON with stable names.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension LabResult: Encodable {
    private enum CodingKeys: String, CodingKey {
        case lab, variant, settings, ledger, errors, recoveries, details, verdict, why
    }

    private enum ErrorKeys: String, CodingKey { case scope, code, text, count }
    private enum RecoveryKeys: String, CodingKey { case application, fault, seconds }
    private enum LedgerKeys: String, CodingKey {
        case published, confirmed, nacked, returned, indeterminate, consumed, distinct, duplicates, lost, expired
    }

    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(lab, forKey: .lab)
        try object.encode(variant, forKey: .variant)
        try object.encode(settings, forKey: .settings)
        var counts = object.nestedContainer(keyedBy: LedgerKeys.self, forKey: .ledger)
        try counts.encode(ledger.counts.published, forKey: .published)
        try counts.encode(ledger.counts.confirmed, forKey: .confirmed)
        try counts.encode(ledger.counts.nacked, forKey: .nacked)
        try counts.encode(ledger.counts.returned, forKey: .returned)
        try counts.encode(ledger.counts.indeterminate, forKey: .indeterminate)
        try counts.encode(ledger.counts.consumed, forKey: .consumed)
        try counts.encode(ledger.counts.distinct, forKey: .distinct)
        try counts.encode(ledger.counts.duplicates, forKey: .duplicates)
        try counts.encode(ledger.counts.lost, forKey: .lost)
        try counts.encode(ledger.counts.expired, forKey: .expired)
        var errors = object.nestedUnkeyedContainer(forKey: .errors)
        for error in ledger.errors {
            var entry = errors.nestedContainer(keyedBy: ErrorKeys.self)
            try entry.encode(error.scope, forKey: .scope)
            try entry.encode(error.code, forKey: .code)
            try entry.encode(error.text, forKey: .text)
            try entry.encode(error.count, forKey: .count)
        }
        var recoveries = object.nestedUnkeyedContainer(forKey: .recoveries)
        for recovery in ledger.recoveries {
            var entry = recoveries.nestedContainer(keyedBy: RecoveryKeys.self)
            try entry.encode(recovery.application, forKey: .application)
            try entry.encode(recovery.fault, forKey: .fault)
            try entry.encode((recovery.seconds * 1_000).rounded() / 1_000, forKey: .seconds)
        }
        try object.encode(details, forKey: .details)
        try object.encode(verdict, forKey: .verdict)
        try object.encode(why, forKey: .why)
    }

    /// The experiment's own, and of every run: how many messages nobody saw again, and the first of them.
    public var details: [String: LabValue] {
        var details = ledger.details
        details["missing"] = .integer(ledger.counts.missing)
        details["missing_ids"] = .list(ledger.missing.prefix(20).map(LabValue.text))
        details["publish_attempts"] = .integer(ledger.counts.attempts)
        details["seconds"] = .number((ledger.seconds * 1_000).rounded() / 1_000)
        return details
    }
}
