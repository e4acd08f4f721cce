// Who uses the client needs these of the protocol's values, and not the protocol.
@_exported import struct AMQPWire.BasicProperties
@_exported import struct AMQPWire.FieldTable
@_exported import enum AMQPWire.FieldValue
