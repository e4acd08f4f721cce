import Foundation
import Testing

@testable import rabbittop

/// The settings of a cluster of the configuration.
@Suite struct ClusterSettingsTests {
    private static let sections = """
        [prod]
        hostname = "rabbit.example"
        port = 15671
        username = "ops"
        password = "of the section"
        tls = true

        [plain]
        hostname = "plain.example"

        [other.table]
        hostname = "x"
        """

    @Test func theSectionAloneSaysWhereAClusterIs() throws {
        var loader = loader(
            [
                admin: Self.sections,
                own: "host = \"own.example\"\nusername = \"own\"\ninterval = 3",
            ], environment: ["RABBITTOP_HOST": "env.example", "RABBITTOP_PASSWORD": "of the environment"])
        let options = [
            "host": "given.example", "password": "given", "allow-faults": "true", "read-only": "true", "vhost": "shop",
            "amqp-uri": "amqp://elsewhere", "use-tls": "true",
        ]
        let prod = try loader.load(commandLine: options, config: nil, cluster: "prod")
        #expect(prod.host == "rabbit.example" && prod.managementPort == 15671 && prod.usesTLS)
        #expect(prod.username == "ops" && prod.password == "of the section")
        #expect(prod.vhost == nil && prod.amqp == nil)
        // Faults are permitted for the broker that was named with the permission, and for no other.
        #expect(!prod.allowsFaults && prod.isReadOnly)
        #expect(prod.interval == 3)
        let plain = try loader.load(commandLine: options, config: nil, cluster: "plain")
        #expect(plain.host == "plain.example" && plain.password == nil && plain.username == "guest" && !plain.usesTLS)
    }

    @Test func clustersAreTheSectionsOfTheFile() throws {
        let files = [
            admin: Self.sections, "/given": "[one]\nhostname = a\n[two]\nhostname = b\n",
        ]
        #expect(try loader(files).clusters(config: nil) == ["other", "plain", "prod"])
        #expect(try loader(files).clusters(config: "/given") == ["one", "two"])
        #expect(try loader([:]).clusters(config: nil).isEmpty)
        // A file of rabbittop's own has none; those of rabbitmqadmin's file stay.
        let more = files.merging(["/own": "interval = 2"]) { $1 }
        #expect(try loader(more).clusters(config: "/own") == ["other", "plain", "prod"])
    }

    @Test func aClusterThatIsNotThereIsNamed() throws {
        var loader = loader([admin: Self.sections])
        #expect(throws: SettingsError.self) { try loader.load(commandLine: [:], config: nil, cluster: "nobody") }
    }
}
