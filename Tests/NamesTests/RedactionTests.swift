import Foundation
import Names
import Testing

@Suite("What is left of texts with secrets")
struct RedactionTests {
    /// Every password of these tests has this in it.
    private static let password = "hush"

    @Test(
        "Nothing is left of a password in a URI",
        arguments: [
            ("see amqp://u:hush@h:5672/%2f, ok", "see amqp://***@h:5672/%2f, ok"),
            (#"{"uri":"amqps://u:hush@b:c@h"}"#, #"{"uri":"amqps://***@h"}"#),
            ("amqps://u:hush@far:5671/v?password=hush", "amqps://***@far:5671/v?***"),
            ("amqp://h?cacertfile=/x&password=hush", "amqp://h?***"),
            ("amqp://u:hu/hush@h", "amqp://***@h"),
            ("amqp://u:hush?x@h/v", "amqp://***@h/v"),
            ("amqp://u:1#hush@h/v", "amqp://***@h/v"),
            (#"amqp://u:pa"hush@h"#, "amqp://***@h"),
            (#""amqp://u:pa"hush@h""#, #""amqp://***@h""#),
            ("'amqp://u:it's-hush@h' failed", "'amqp://***@h' failed"),
            ("<amqp://u:hush@h>, and me@there", "<amqp://***@h>, and me@there"),
            (#"{uri,<<"amqp://u:hush@h">>},rabbit@a"#, #"{uri,<<"amqp://***@h">>},rabbit@a"#),
            ("amqp://u:hush@h1,amqp://u:hush@h2", "amqp://***@h1,amqp://***@h2"),
            (#"["amqp://u:hush@h1","amqp://u:hush@h2"]"#, #"["amqp://***@h1","amqp://***@h2"]"#),
            (#"amqp:\/\/u:hush@h\/v"#, #"amqp:\/\/***@h\/v"#),
            ("AMQPS://U:HUSH@H", "AMQPS://***@H"), ("amqp://hush@h", "amqp://***@h"),
            ("amqp://:hush@h", "amqp://***@h"), ("amqp://u:%68ush@h", "amqp://***@h"),
            ("amqp://u:hüsh-hush@h", "amqp://***@h"), ("amqp://u:hush@[::1]:5672/v", "amqp://***@[::1]:5672/v"),
            ("a amqp://u:hush@h\nb@c", "a amqp://***@h\nb@c"),
        ]) func uris(text: String, expected: String)
    {
        let result = Redaction.withoutSecrets(text)
        #expect(result == expected)
        #expect(!result.lowercased().contains(Self.password))
        #expect(Redaction.withoutSecrets(result) == result, "a second time changes nothing")
        #expect(Redaction.withoutSecrets(Name(text)) == Name(expected))
    }

    @Test(
        "Nothing is left of a value whose name is that of a secret",
        arguments: [
            ("password=hush", "password=***"), ("ssl_password: hush, ok", "ssl_password: ***, ok"),
            ("PASSWORD = 'hush hush' x", "PASSWORD = '***' x"),
            (#"{"client_secret":"hu\"hush"}"#, #"{"client_secret":"***"}"#),
            (#"{"api-token":["hush","hush"],"a":1}"#, #"{"api-token":***,"a":1}"#),
            (#"{password,<<"hush">>}, rest"#, #"{password,<<"***">>}, rest"#),
            (#"{<<"password">>,<<"hush">>}"#, #"{<<"password">>,<<"***">>}"#),
            (#"{plaintext,<<"hush">>}"#, #"{plaintext,<<"***">>}"#), (#"{password,[104,117]}"#, "{password,***}"),
            (#"#{password => <<"hush">>}"#, #"#{password => <<"***">>}"#),
            (
                #"{amqp_params_network,<<"u">>,<<"hush">>,<<"/">>,"h"}"#,
                #"{amqp_params_network,<<"u">>,<<"***">>,<<"/">>,"h"}"#
            ),
            ("token: Bearer hush.hush", "token: ***"), (#"{\"password\":\"hush\"}"#, #"{\"password\":\"***\"}"#),
            ("url?access_token=hush&x=1", "url?access_token=***&x=1"), ("credential='hush", "credential='***"),
        ]) func named(text: String, expected: String)
    {
        let result = Redaction.withoutSecrets(text)
        #expect(result == expected)
        #expect(Redaction.withoutSecrets(result) == result, "a second time changes nothing")
    }

    @Test(
        "What is no secret stays",
        arguments: [
            "http://host:80/a@b:c", "http://host/a@b", "://", "a://", "", "@", "x@y", "amqp://h:5672/%2f",
            "queue token-refresh: 5 messages", "no queue 'password' in vhost '/'", "invalid credentials",
            "PLAIN login refused: user 'x' - invalid credentials", "secret, token, password", "password:", "password=",
            "127.0.0.1:5 -> 127.0.0.1:5672 (1)", "{password", "rabbit@a: tokens", "c:\\/\\/", "amqp://[::1]:5672/@",
        ]) func harmless(text: String)
    {
        #expect(Redaction.withoutSecrets(text) == text)
    }

    @Test(
        "JSON stays JSON, and each text in it is looked at alone",
        arguments: [
            (
                #"{"problem":"see amqp://u:hush@h","peer":"rabbit@x"}"#,
                #"{"problem":"see amqp://***@h","peer":"rabbit@x"}"#
            ),
            (
                #"{"password":null,"a":{"secret":{"x":[1,"]"]}},"b":1}"#,
                #"{"password":"***","a":{"secret":"***"},"b":1}"#
            ),
            (#"{"token" : 12 , "b":"c"}"#, #"{"token" : "***", "b":"c"}"#),
            (
                #"["{\"uri\":\"amqp://u:hush@h\",\"password\":\"hush\"}"]"#,
                #"["{\"uri\":\"amqp://***@h\",\"password\":\"***\"}"]"#
            ),
            (#"{"v":"password=hush\u0001\nx"}"#, #"{"v":"password=***\u0001\u000ax"}"#),
            (#"{"v":"amqp:\/\/u:hush@h"}"#, #"{"v":"amqp://***@h"}"#),
            (#"{"v":"\u0061mqp://u:\ud83d\ude00hush@h"}"#, #"{"v":"amqp://***@h"}"#),
            (#"{"plain":"\u00e9\n"}"#, #"{"plain":"\u00e9\n"}"#),
        ]) func json(text: String, expected: String) throws
    {
        let result = Redaction.withoutSecrets(json: text)
        #expect(result == expected)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.utf8)) }
    }

    @Test("Any text has a result", arguments: [#"""#, #"{"a"#, #"{"password":"#, #"{"password":["#, #""\"#, #""\u12"#])
    func broken(text: String) {
        #expect(Redaction.withoutSecrets(json: text).hasPrefix(text.prefix(1)))
        _ = Redaction.withoutSecrets(text)
    }

    @Test("Names of secrets are known in any case")
    func names() {
        for name in ["ssl_password", "clientSecret", "TOKEN", "x-passwd", "passphrase.file", "credentials"] {
            #expect(Redaction.isSecret(Name(name)))
        }
        for name in ["user", "pass", "uri", "", "key"] { #expect(!Redaction.isSecret(Name(name))) }
    }

    @Test("Bytes that are not UTF-8 stay")
    func bytes() {
        let name = Name(bytes: [0xff] + Array(" amqp://u:hush@h".utf8))
        #expect(Redaction.withoutSecrets(name).bytes == [0xff] + Array(" amqp://***@h".utf8))
    }
}
