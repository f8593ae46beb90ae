// Package kubeconfig reads and writes the kubeconfig files that the stand-ins share with a cluster.
package kubeconfig

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

// Cluster is one clusters[] entry.
type Cluster struct {
	Server string
	CAFile string
	CAData []byte
}

// User is one users[] entry.
type User struct {
	Token    string
	CertFile string
	KeyFile  string
	CertData []byte
	KeyData  []byte
}

// Config is a kubeconfig with the names resolved by map.
type Config struct {
	Clusters map[string]Cluster
	Users    map[string]User
	Contexts map[string][2]string
	Current  string
}

// Load reads a kubeconfig file.
func Load(path string) (*Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(content)
}

// Parse reads the text of a kubeconfig.
func Parse(content []byte) (*Config, error) {
	tree, err := parseYAML(string(content))
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	// through JSON into a struct: missing keys are then simply empty
	var file struct {
		Current  string  `json:"current-context"`
		Clusters entries `json:"clusters"`
		Users    entries `json:"users"`
		Contexts entries `json:"contexts"`
	}
	encoded, _ := json.Marshal(tree)
	if err := json.Unmarshal(encoded, &file); err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	config := &Config{
		Clusters: map[string]Cluster{}, Users: map[string]User{}, Contexts: map[string][2]string{}, Current: file.Current,
	}
	for _, e := range file.Clusters {
		config.Clusters[e.Name] = Cluster{
			Server: e.Cluster["server"], CAFile: e.Cluster["certificate-authority"],
			CAData: decode(e.Cluster["certificate-authority-data"]),
		}
	}
	for _, e := range file.Users {
		config.Users[e.Name] = User{
			Token: e.User["token"], CertFile: e.User["client-certificate"], KeyFile: e.User["client-key"],
			CertData: decode(e.User["client-certificate-data"]), KeyData: decode(e.User["client-key-data"]),
		}
	}
	for _, e := range file.Contexts {
		config.Contexts[e.Name] = [2]string{e.Context["cluster"], e.Context["user"]}
	}
	return config, nil
}

// Select returns the cluster and the user of the current context; ok is false when a name leads nowhere.
func (c *Config) Select() (cluster Cluster, user User, ok bool) {
	names, found := c.Contexts[c.Current]
	if !found {
		return cluster, user, false
	}
	cluster, ok = c.Clusters[names[0]]
	return cluster, c.Users[names[1]], ok
}

type fields map[string]string

// UnmarshalJSON keeps the string values and drops the others.
func (f *fields) UnmarshalJSON(data []byte) error {
	*f = fields{}
	var any map[string]json.RawMessage
	if json.Unmarshal(data, &any) != nil {
		return nil
	}
	for key, raw := range any {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			(*f)[key] = text
		}
	}
	return nil
}

type entry struct {
	Name    string `json:"name"`
	Cluster fields `json:"cluster"`
	User    fields `json:"user"`
	Context fields `json:"context"`
}

type entries []entry

// UnmarshalJSON takes anything that is not a list (an empty scalar, null) for an empty one.
func (e *entries) UnmarshalJSON(data []byte) error {
	var list []entry
	if json.Unmarshal(data, &list) == nil {
		*e = list
	}
	return nil
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return data
}
