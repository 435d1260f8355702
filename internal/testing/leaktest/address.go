// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

// addressSecrets are e-mail and SIP addresses.
func addressSecrets() []Secret {
	return []Secret{
		bare("e-mail address", "gracehopper9@example.com", "gracehopper9"),
		bare("e-mail address with dots", "grace.hopper9@mail.example.co.uk", "hopper9"),
		bare("e-mail address with a plus", "gracehopper9+calls@example.com", "gracehopper9"),
		bare("e-mail address in capitals", "GRACE_HOPPER9@EXAMPLE.COM", "HOPPER9"),
		bare("e-mail address of a long domain", "ghopper9@voice.navy.museum", "ghopper9"),
		bare("mail link", "mailto:ghopper8@example.com", "ghopper8"),
		bare("SIP address", "sip:ghopper7@pbx.example.com;transport=tls", "ghopper7"),
		bare("SIP address at an IP address", "sips:ghopper6@203.0.113.7:5061", "ghopper6"),
		bare("SIP address of a number", "sip:+14155550191@trunk.example.com", "4155550191"),
		bare("SIP address of a number at a short host", "sip:+14155550192@pbx", "4155550192"),
	}
}

// dsnSecrets are the names of data sources and addresses that hold a password.
func dsnSecrets() []Secret {
	one := func(name, before, after string) Secret {
		pw := gen("dsn "+name, letters, 12)
		return bare(name, before+pw+after, pw)
	}
	return []Secret{
		one("URL with a user", "https://ada:", "@api.example.com/v1/x"),
		one("URL with a user only", "https://", "@api.example.com/v1/x"),
		one("Postgres", "postgres://ada:", "@db:5432/calls?sslmode=disable"),
		bare("Postgres, password with a slash", "postgres://ada:zu7Kq2Rn/w3XvPLt8@db", "zu7Kq2Rn", "w3XvPLt8"),
		bare("Postgres, password with an at", "postgresql://ada:zu8Kq2Rn@w4XvPLt8@db:5432/calls", "zu8Kq2Rn", "w4XvPLt8"),
		bare("Postgres, password with marks", "postgres://ada:zu9Kq2Rn?w5XvPLt8#m6@db:5432/calls", "zu9Kq2Rn", "w5XvPLt8"),
		one("Postgres by words", "host=db user=ada password=", " dbname=calls"),
		one("Postgres by quoted words", "host=db password='", "' dbname=calls"),
		one("MySQL of Go", "ada:", "@tcp(db:3306)/calls?parseTime=true"),
		one("MySQL of Go over a socket", "ada:", "@unix(/tmp/mysql.sock)/calls"),
		one("MySQL of Go without a host", "ada:", "@/calls"),
		one("MySQL URL", "mysql://ada:", "@db:3306/calls"),
		one("JDBC", "jdbc:mysql://db:3306/calls?user=ada&password=", ""),
		one("Redis", "redis://:", "@cache:6379/0"),
		one("Redis with TLS", "rediss://default:", "@cache:6379"),
		one("MongoDB", "mongodb+srv://ada:", "@cluster0.example.mongodb.net/calls"),
		one("RabbitMQ", "amqp://guest:", "@mq:5672/"),
		one("NATS", "nats://ada:", "@nats:4222"),
		one("SQL Server", "sqlserver://sa:", "@db:1433?database=calls"),
		one("SQL Server by words", "Server=db;Database=calls;User Id=sa;Password=", ";Encrypt=true"),
		one("SQL Server by short words", "server=db;uid=sa;pwd=", ";database=calls"),
		one("Azure storage", "DefaultEndpointsProtocol=https;AccountName=calls;AccountKey=", "==;EndpointSuffix=core.windows.net"),
		one("Azure service bus", "Endpoint=sb://calls.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=", "="),
		one("SQLite", "file:calls.db?_auth&_auth_user=ada&_auth_pass=", "&_auth_crypt=sha1"),
		one("Clickhouse", "tcp://ch:9000?username=ada&password=", "&database=calls"),
		one("SMTP", "smtps://ada%40example.com:", "@smtp.example.com:465"),
		one("git over HTTPS", "https://oauth2:", "@gitlab.example.com/x.git"),
		one("Sentry", "https://", "@o1203.ingest.sentry.io/4505"),
	}
}
