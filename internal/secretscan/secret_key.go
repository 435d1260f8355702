// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "slices"

// secretKeys are those of most programs, and of the services that voice agents use.
var secretKeys = slices.Concat(
	keys(phrase, anywhere, "password", "passwords", "passwd", "passphrase", "passphrases", "passcode", "secret", "secrets", "kennwort", "passwort",
		"contrasena", "contraseña", "motdepasse", "senha", "wachtwoord", "hasło", "heslo", "parola", "lösenord", "adgangskode", "пароль", "Пароль", "密码", "密碼", "パスワード", "비밀번호",
		"requirepass", "masterauth", "creds", "basicauth", "dbpass", "authpass", "userpass", "smtppass", "mailpass", "rootpass", "adminpass", "mysqlpass", "redispass"),
	keys(phrase, atWord, "pwd", "psk", "mnemonic", "seedphrase"),
	keys(machine, atWord, "pass", "pw", "psw", "psswd"),
	keys(machine, anywhere,
		"secretkey", "secretkeybase", "apikey", "apikeys", "privatekey", "accesskey", "accesskeyid", "signingkey", "encryptionkey", "accountkey", "sharedkey", "sharedaccesskey",
		"sharedaccesssignature", "subscriptionkey", "storagekey", "masterkey", "servicekey", "authkey", "clientkey", "licensekey", "sessionkey", "webhookkey",
		"hmackey", "sshkey", "serverkey", "functionskey", "keymaterial", "webhookurl",
		"accesstoken", "refreshtoken", "sessiontoken", "authtoken", "bearertoken", "apitoken", "bottoken", "csrftoken", "xsrftoken", "securitytoken",
		"csrfmiddlewaretoken", "devicetoken", "jointoken", "clienttoken", "usertoken", "authcode", "clientsecrets", "oauthverifier", "codeverifier", "clientassertion", "conversationsignature",
		"deploykey", "writekey", "insertkey", "ingestionkey", "appcertificate", "honeycombteam", "srtpkey", "saltkey", "pragmakey", "livekitkeys", "jsessionid", "phpsessid", "aspsessionid", "connectsid"),
	keys(machine, atWord, "token", "idtoken", "jwt", "sastoken", "xikey", "openaikey", "anthropickey", "deepgramkey", "elevenlabskey", "cartesiakey", "assemblyaikey",
		"azurekey", "speechkey", "googlekey", "groqkey", "mistralkey", "coherekey", "twiliokey", "livekitkey", "gladiakey", "sonioxkey", "rimekey"),
	keys(machine, segment, "auth", "xauth"),
	keys(machine, atWord, "bearer", "livekitauth"),
	keys(counted, atWord, "tokens"),
	keys(machine, anywhere, "credential", "credentials"),
	keys(credentials, anywhere, "authorization"),
	keys(cookies, anywhere, "cookie", "cookies"),
	keys(personal, atWord, "otp", "totp", "pin", "pincode", "cvv", "cvc", "cvn", "csc", "securitycode", "verificationcode", "mfacode", "otpcode", "onetimecode", "accesscode", "smscode", "2facode", "logincode", "confirmationcode", "recoverycode", "backupcode",
		"ssn", "iban", "phone", "phones", "msisdn", "callerid", "email", "emails", "taxid", "socialsecuritynumber"),
	keys(dialed, atWord, "ani", "dnis", "cli", "mobile", "cellphone", "tel", "fax", "whatsapp", "tonumber", "fromnumber", "contactnumber", "callingnumber", "telefone", "телефон", "电话", "customernumber", "callednumber", "destinationnumber",
		"dialednumber", "mobilenumber", "phoneno", "calleridnumber", "callee", "callbacknumber", "telefono", "teléfono", "fromuser"),
	keys(personal, anywhere, "cardnumber", "creditcard", "phonenumber", "phonenumbers", "telephone", "callernumber", "emailaddress", "emailaddresses", "cardno"),
)

func keys(v value, m match, names ...string) []key {
	list := make([]key, len(names))
	for i, name := range names {
		list[i] = key{name: name, match: m, value: v}
	}
	return list
}

// queryKey is a parameter of a URL that is secret there, secretNameKey an id whose value is its
// secret, and digestKey a parameter of Authorization whose value is a hash.
var queryKey, secretNameKey, digestKey = &key{value: machine}, &key{value: machine}, &key{value: machine}

// digests are the parameters of Authorization that are computed from a secret.
var digests = words("response signature cnonce")

// querySecrets are parameters of URLs that are secret there, and in other text are not.
var querySecrets = words(`
	key sig signature code x-amz-signature x-amz-credential x-goog-signature x-goog-credential hmac sas
`)
