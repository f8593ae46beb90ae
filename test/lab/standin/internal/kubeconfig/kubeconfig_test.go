package kubeconfig

import (
	"testing"
)

const kubeadmFile = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: "https://10.0.0.1:6443"
  name: kubernetes
contexts:
- context: {}
  name: empty
-
  context:
    cluster: kubernetes
    user: 'token-bootstrap-client' # who
  name: token-bootstrap-client@kubernetes
current-context: token-bootstrap-client@kubernetes
preferences: {}
users:
  - name: token-bootstrap-client
    user: {token: no}
  - name: other
    user:
        token: abcdef.0123456789abcdef
`

func TestParse(t *testing.T) {
	config, err := Parse([]byte(kubeadmFile))
	if err != nil {
		t.Fatal(err)
	}
	cluster, user, ok := config.Select()
	if !ok || cluster.Server != "https://10.0.0.1:6443" || string(cluster.CAData) != "CA" || user.Token != "" {
		t.Errorf("%v %+v %+v", ok, cluster, user)
	}
	if config.Users["other"].Token != "abcdef.0123456789abcdef" {
		t.Errorf("users: %+v", config.Users)
	}
}

func TestParseClusterInfo(t *testing.T) {
	config, err := Parse([]byte("apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n" +
		"    server: https://a:6443\n  name: \"\"\ncontexts: null\ncurrent-context: \"\"\nkind: Config\nusers: []\n"))
	if err != nil || len(config.Clusters) != 1 || string(config.Clusters[""].CAData) != "CA" {
		t.Errorf("%v %+v", err, config)
	}
}

func TestRenderReadsBack(t *testing.T) {
	names := Names{Cluster: "kubernetes", User: "u", Context: "u@kubernetes", Namespace: "default"}
	for _, user := range []User{{}, {Token: "t"}, {CertFile: "/a.pem", KeyFile: "/a.pem"}} {
		config, err := Parse(Render(names, Cluster{Server: "https://a:6443", CAData: []byte("CA")}, user))
		if err != nil {
			t.Fatal(err)
		}
		cluster, read, ok := config.Select()
		if !ok || cluster.Server != "https://a:6443" || read.Token != user.Token || read.CertFile != user.CertFile {
			t.Errorf("%+v: %v %+v %+v", user, ok, cluster, read)
		}
	}
}
