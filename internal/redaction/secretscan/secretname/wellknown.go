// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"slices"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// WellKnown are the names of secrets in most programs, and in the services that voice agents use.
var WellKnown = slices.Concat(
	keys(Chosen, anywhere, "password", "passwords", "passwd", "passphrase", "passphrases", "passcode", "secret", "secrets", "kennwort", "passwort",
		"contrasena", "contraseña", "motdepasse", "senha", "wachtwoord", "hasło", "heslo", "parola", "lösenord", "adgangskode", "пароль", "Пароль", "密码", "密碼", "パスワード", "비밀번호",
		"requirepass", "masterauth", "creds", "basicauth", "dbpass", "authpass", "userpass", "smtppass", "mailpass", "rootpass", "adminpass", "mysqlpass", "redispass"),
	keys(Chosen, AtWord, "pwd", "psk", "mnemonic", "seedphrase"),
	keys(Generated, AtWord, "pass", "pw", "psw", "psswd"),
	keys(Generated, anywhere,
		"secretkey", "secretkeybase", "apikey", "apikeys", "privatekey", "accesskey", "accesskeyid", "signingkey", "encryptionkey", "accountkey", "sharedkey", "sharedaccesskey",
		"sharedaccesssignature", "subscriptionkey", "storagekey", "masterkey", "servicekey", "authkey", "clientkey", "licensekey", "sessionkey", "webhookkey",
		"hmackey", "sshkey", "serverkey", "functionskey", "keymaterial", "webhookurl",
		"accesstoken", "refreshtoken", "sessiontoken", "authtoken", "bearertoken", "apitoken", "bottoken", "csrftoken", "xsrftoken", "securitytoken",
		"csrfmiddlewaretoken", "devicetoken", "jointoken", "clienttoken", "usertoken", "authcode", "clientsecrets", "oauthverifier", "codeverifier", "clientassertion", "conversationsignature",
		"deploykey", "writekey", "insertkey", "ingestionkey", "appcertificate", "honeycombteam", "srtpkey", "saltkey", "pragmakey", "livekitkeys", "jsessionid", "phpsessid", "aspsessionid", "connectsid"),
	keys(Generated, AtWord, "token", "idtoken", "jwt", "sastoken", "xikey", "openaikey", "anthropickey", "deepgramkey", "elevenlabskey", "cartesiakey", "assemblyaikey",
		"azurekey", "speechkey", "googlekey", "groqkey", "mistralkey", "coherekey", "twiliokey", "livekitkey", "gladiakey", "sonioxkey", "rimekey"),
	keys(Generated, segment, "auth", "xauth"),
	keys(Generated, AtWord, "bearer", "livekitauth"),
	keys(TokenCount, AtWord, "tokens"),
	keys(Generated, anywhere, "credential", "credentials"),
	keys(Credentials, anywhere, "authorization"),
	keys(Cookies, anywhere, "cookie", "cookies"),
	keys(Personal, AtWord, "otp", "totp", "pin", "pincode", "cvv", "cvc", "cvn", "csc", "securitycode", "verificationcode", "mfacode", "otpcode", "onetimecode", "accesscode", "smscode", "2facode", "logincode", "confirmationcode", "recoverycode", "backupcode",
		"ssn", "iban", "phone", "phones", "msisdn", "callerid", "email", "emails", "taxid", "socialsecuritynumber"),
	keys(PhoneNumber, AtWord, "ani", "dnis", "cli", "mobile", "cellphone", "tel", "fax", "whatsapp", "tonumber", "fromnumber", "contactnumber", "callingnumber", "telefone", "телефон", "电话", "customernumber", "callednumber", "destinationnumber",
		"dialednumber", "mobilenumber", "phoneno", "calleridnumber", "callee", "callbacknumber", "telefono", "teléfono", "fromuser"),
	keys(Personal, anywhere, "cardnumber", "creditcard", "phonenumber", "phonenumbers", "telephone", "callernumber", "emailaddress", "emailaddresses", "cardno"),
)

func keys(v ValueKind, m Match, names ...string) []Key {
	list := make([]Key, len(names))
	for i, name := range names {
		list[i] = Key{Name: name, Match: m, Value: v}
	}
	return list
}

// Keys that have no name of their own.
var (
	// QueryParameter is a parameter of a URL that is secret there; see [QuerySecrets].
	QueryParameter = &Key{Value: Generated}
	// SecretIDKey is an ID whose value is its secret.
	SecretIDKey = &Key{Value: Generated}
	// DigestParameter is a parameter of Authorization whose value is a hash; see [Digests].
	DigestParameter = &Key{Value: Generated}
)

// Digests are the parameters of Authorization that are computed from a secret.
var Digests = chars.Words("response signature cnonce")

// QuerySecrets are parameters that are secret in URLs, and not in other text.
var QuerySecrets = chars.Words(`
	key sig signature code x-amz-signature x-amz-credential x-goog-signature x-goog-credential hmac sas
`)
