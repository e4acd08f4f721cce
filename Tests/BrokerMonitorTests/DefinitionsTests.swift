import Foundation
import Names
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

/// What definitions of RabbitMQ say, and how two of them differ.
@Suite struct DefinitionsTests {
    private static let old = """
        {"rabbit_version":"3.10.8","rabbitmq_version":"3.10.8","vhosts":[{"name":"/"}],
        "users":[{"name":"ops","password_hash":"abc","hashing_algorithm":"sha256","tags":["monitoring"],"limits":{}}],
        "permissions":[{"user":"ops","vhost":"/","configure":".*","write":".*","read":".*"}],
        "global_parameters":[{"name":"internal_cluster_id","value":"one"},{"name":"cluster_name","value":"a"}],
        "parameters":[
        {"component":"shovel","name":"s","vhost":"/","value":{"src-uri":"amqp://u:hidden@h","dest-queue":"q"}},
        {"component":"vhost-limits","name":"limits","vhost":"/","value":{"max-queues":5}},
        {"component":"operator_policy","name":"o","vhost":"/","value":{"pattern":"","definition":{"max-length":9},"priority":0,"apply-to":"queues"}}],
        "policies":[{"vhost":"/","name":"ttl","pattern":"^tmp","apply-to":"queues","priority":1,"definition":{"message-ttl":1000,"max-length":5}}],
        "queues":[{"name":"orders","vhost":"/","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"quorum"}},
        {"name":"plain","vhost":"/","durable":true,"auto_delete":false,"arguments":{}}],
        "exchanges":[{"name":"e","vhost":"/","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}}],
        "bindings":[{"source":"e","vhost":"/","destination":"orders","destination_type":"queue","routing_key":"#","arguments":{}}]}
        """

    private static let new =
        old.replacing("3.10.8", with: "4.0.5")
        .replacing(
            #"{"name":"/"}"#, with: #"{"name":"/","description":"","metadata":{"default_queue_type":"classic"}}"#
        )
        .replacing(
            #""arguments":{"x-queue-type":"quorum"}"#, with: #""type":"quorum","arguments":{"x-queue-type":"quorum"}"#
        )
        .replacing(#"{"name":"plain","vhost":"/","#, with: #"{"name":"plain","vhost":"/","type":"classic","#)
        .replacing(#""value":"one""#, with: #""value":"two""#).replacing("abc", with: "def")

    private func read(_ text: String, vhost: Name? = nil) throws -> Definitions {
        let json = try #require(JSONValue(parsing: text))
        return try #require(Definitions(json: json, vhost: vhost))
    }

    private func difference(_ one: Definitions, _ other: Definitions) -> Difference {
        let time = Date(timeIntervalSince1970: 0)
        return Difference(
            definitions: (one.part(at: time), one.version), (other.part(at: time), other.version),
            sides: Difference.Sides(from: "A", to: "B"))
    }

    @Test func whatOnlyAVersionWritesIsSaidApart() throws {
        let difference = difference(try read(Self.old), try read(Self.new))
        #expect(difference.isEmpty, "\(difference.text())")
        #expect(difference.unknown.contains("metadata of vhosts: only RabbitMQ 4.0.5 writes it, in B"))
        #expect(difference.unknown.contains("description of vhosts: only RabbitMQ 4.0.5 writes it, in B"))
    }

    @Test func sameVersionsAreComparedToTheLastField() throws {
        let other = Self.old.replacing(#"{"name":"/"}"#, with: #"{"name":"/","description":"x"}"#)
        let changed = difference(try read(Self.old), try read(other)).changed
        #expect(changed.map(\.field) == ["description"])
        #expect(changed.first?.before == Value.none)
        #expect(changed.first?.after == .text("x"))
    }

    @Test func fieldsThatDifferAreNamed() throws {
        let other = Self.old.replacing(#""message-ttl":1000,"max-length":5"#, with: #""message-ttl":2000"#)
            .replacing(#""pattern":"^tmp""#, with: #""pattern":"^temp""#).replacing(
                #""max-queues":5"#, with: #""max-queues":6"#
            )
            .replacing("\"routing_key\":\"#\"", with: "\"routing_key\":\"a\"")
        let difference = difference(try read(Self.old), try read(other))
        #expect(
            Set(difference.changed.map { "\($0.item.what.text) \($0.item.name) \($0.field)" }) == [
                "policy ttl pattern", "policy ttl definition.message-ttl", "policy ttl definition.max-length",
                "vhost limit / value.max-queues",
            ])
        #expect(difference.gone.map(\.name) == ["e to queue orders by '#'"])
        #expect(difference.new.map(\.name) == ["e to queue orders by 'a'"])
        #expect(difference.text().contains("definition.message-ttl  1000 → 2000"))
        #expect(difference.json.hasPrefix(#"{"from":"A","to":"B""#))
    }

    @Test func secretsAreNeitherKeptNorCompared() throws {
        let definitions = try read(Self.old)
        let words = definitions.items.map { "\($0.value) \($0.fields ?? [:])" }.joined()
        #expect(!words.contains("hidden"))
        #expect(!words.contains("abc"))
        #expect(words.contains("amqp://***@h") || words.contains("amqp://h"))
    }

    @Test func definitionsOfOneVhostSayNothingOfUsers() throws {
        let text = """
            {"rabbit_version":"4.0.5","queues":[{"name":"q","durable":true,"auto_delete":false,"type":"classic","arguments":{}}],
            "exchanges":[],"bindings":[],"policies":[],"parameters":[]}
            """
        let one = try read(text, vhost: "shop")
        #expect(one.items.map(\.vhost) == ["shop"])
        let part = one.part(at: Date(timeIntervalSince1970: 0))
        #expect(part.unknown.isSuperset(of: [.user, .permission, .virtualHost]))
    }

    @Test func aRecordingHasTheSameWords() throws {
        let definitions = try read(Self.new)
        let queue = try #require(
            JSONValue(
                parsing:
                    #"{"name":"orders","vhost":"/","durable":true,"auto_delete":false,"exclusive":false,"type":"quorum","arguments":{"x-queue-type":"quorum"}}"#
            ).flatMap(QueueInfo.init(json:)))
        let recorded = try #require(ConfigurationItem(queue))
        let defined = try #require(definitions.items.first { $0.kind == .queueArguments && $0.name == "orders" })
        #expect(recorded.value == defined.value)
        let part = Definitions.part(
            of: ConfigurationPart(
                at: Date(timeIntervalSince1970: 0),
                items: [
                    recorded, ConfigurationItem(.exchange, vhost: "/", name: "amq.topic", value: "topic"),
                    ConfigurationItem(.parameter, vhost: "/", name: "vhost-limits/limits", value: "{}"),
                    ConfigurationItem(.featureFlag, name: "khepri_db", value: "enabled"),
                ]))
        #expect(part.items == [recorded])
        #expect(part.unknown.contains(.user))
    }

    @Test(arguments: ["[]", "{}", #"{"queues":5}"#, #"{"a":[]}"#]) func otherJSONIsRefused(text: String) throws {
        let json = try #require(JSONValue(parsing: text))
        #expect(Definitions(json: json) == nil)
    }

    @Test func rowsThatCannotBeReadAreCounted() throws {
        let definitions = try read(#"{"queues":[5,{"vhost":"/"},{"name":"q","vhost":"/"}],"users":[{"tags":"a"}]}"#)
        #expect(definitions.undecodable == 3)
        #expect(definitions.items.map(\.name) == ["q"])
    }
}
