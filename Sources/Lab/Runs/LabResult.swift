import Experiments
import Foundation

/// The result of one variant of an experiment, and whether it was expected.
public struct LabResult: Sendable, Hashable {
    /// The experiment's name.
    public var lab: String
    /// The variant's name.
    public var variant: String
    /// Whether the variant is the cure; a wrong one passes if it fails as its experiment predicts.
    public var isCure: Bool
    /// The settings of the run.
    public var settings: [String: LabValue]
    /// What happened in the run.
    public var ledger: LabLedger
    /// The expectations, with what was found.
    public var expectations: [LabExpectation]
    /// Whether all expectations hold.
    public var verdict: LabVerdict
    /// The reason of the verdict, in one line.
    public var why: String

    /// Creates a result. The verdict is pass if there are expectations and all of them hold.
    ///
    /// - Parameter interruption: why the run ended early; then the verdict is fail in any case.
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

    /// The verdict as text for people.
    public var words: String { verdict.words(isCure: isCure) }

    /// Returns one line of JSON with stable names.
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

    /// Encodes the result with stable names.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(lab, forKey: .lab)
        try object.encode(variant, forKey: .variant)
        try object.encode(settings, forKey: .settings)
        var counts = object.nestedContainer(keyedBy: LabFigure.self, forKey: .ledger)
        for figure in LabFigure.allCases where figure != .missing && figure != .errors {
            try counts.encode(ledger.counts[figure], forKey: figure)
        }
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

    /// The experiment's own values, and those of every run: the number of missing messages, and the first of them.
    public var details: [String: LabValue] {
        var details = ledger.details
        details["missing"] = .integer(ledger.counts.missing)
        details["missing_ids"] = .list(ledger.missing.prefix(20).map(LabValue.text))
        details["publish_attempts"] = .integer(ledger.counts.attempts)
        details["seconds"] = .number((ledger.seconds * 1_000).rounded() / 1_000)
        return details
    }
}
