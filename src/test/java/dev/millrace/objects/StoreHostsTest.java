package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where buckets of AWS are, and those of others. */
final class StoreHostsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                     | photos    | eu-central-1   | https://photos.s3.eu-central-1.amazonaws.com/a%20b/c",
                "-                     | my.photos | eu-central-1   | https://s3.eu-central-1.amazonaws.com/my.photos/a%20b/c",
                "-                     | photos    | us-east-1      | https://photos.s3.us-east-1.amazonaws.com/a%20b/c",
                "-                     | photos    | cn-north-1     | https://photos.s3.cn-north-1.amazonaws.com.cn/a%20b/c",
                "-                     | photos    | us-gov-west-1  | https://photos.s3.us-gov-west-1.amazonaws.com/a%20b/c",
                "-                     | photos    | eusc-de-east-1 | https://photos.s3.eusc-de-east-1.amazonaws.eu/a%20b/c",
                "-                     | photos    | nowhere-9      | https://photos.s3.nowhere-9.amazonaws.com/a%20b/c",
                "http://127.0.0.1:9000 | photos    | us-east-1      | http://127.0.0.1:9000/photos/a%20b/c",
                "https://store.test/   | my.photos | us-east-1      | https://store.test/my.photos/a%20b/c",
                "http://[::1]:9000     | photos    | us-east-1      | http://[::1]:9000/photos/a%20b/c",
            })
    void makesTheUrl(String endpoint, String bucket, String region, String url) {
        StoreHosts hosts = StoreHosts.of(Optional.ofNullable(endpoint).map(URI::create));
        assertEquals(url, hosts.object(bucket, region, "a b/c").toString());
    }
}
