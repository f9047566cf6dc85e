package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.ForbiddenAddresses;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
    private static final AddressRules PUBLIC_ONLY = new AddressRules(List.of());

    @Test
    void forbidsWhatIsNotPublic() {
        List<InetAddress> addresses = ForbiddenAddresses.all();
        assertTrue(addresses.size() >= 120, "vectors: " + addresses.size());

        assertEquals(List.of(), addresses.stream().filter(PUBLIC_ONLY::allows).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "168.63.129.15",
                "168.63.129.17",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.0.3.0",
                "192.88.98.255",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2000::1",
                "2001:200::1",
                "2001:db7::1",
                "2001:db9::1",
                "2003::1",
                "2606:4700:4700::1111",
                "2a00:1450::5efe:808:808",
                "3ffe::1",
                "64:ff9b::808:808",
                "::ffff:8.8.8.8"
            })
    void allowsThePublicNeighbours(String address) {
        assertTrue(PUBLIC_ONLY.allows(InetAddress.ofLiteral(address)));
    }

    @Test
    void forbidsTheHostsOwnAddresses() throws Exception {
        for (NetworkInterface own : NetworkInterface.networkInterfaces().toList()) {
            own.inetAddresses()
                    .forEach(
                            address -> assertFalse(PUBLIC_ONLY.allows(address), address::toString));
        }
    }

    @Test
    void allowsWhatTheOperatorLists() {
        AddressRules rules =
                new AddressRules(List.of(Cidr.parse("10.1.0.0/16"), Cidr.parse("::1/128")));

        assertTrue(rules.allows(InetAddress.ofLiteral("10.1.2.3")));
        assertTrue(rules.allows(InetAddress.ofLiteral("::1")));
        assertTrue(rules.allows(InetAddress.ofLiteral("64:ff9b::a01:203")));
        assertFalse(rules.allows(InetAddress.ofLiteral("10.2.0.0")));
        assertFalse(rules.allows(InetAddress.ofLiteral("127.0.0.1")));
    }

    @Test
    void aListedIpv6BlockOpensNoIpv4AddressInside() {
        AddressRules rules = new AddressRules(List.of(Cidr.parse("2002::/16")));

        assertTrue(rules.allows(InetAddress.ofLiteral("2002:808:808::1")));
        assertFalse(rules.allows(InetAddress.ofLiteral("2002:7f00:1::1")));
    }
}
