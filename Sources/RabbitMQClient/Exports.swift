@_exported import Names

// Who uses the client needs these values, and neither the protocol nor NIO, whose Channel is another one.
@_exported import struct AMQPWire.BasicProperties
@_exported import struct AMQPWire.FieldTable
@_exported import enum AMQPWire.FieldValue
@_exported import struct NIOCore.ByteBuffer
