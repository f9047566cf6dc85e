// Objects that count how often they were deleted, for the tests that come from Java.
namespace {

int deletions = 0;

class Counted {
public:
    virtual ~Counted() noexcept { ++deletions; }
};

}  // namespace

extern "C" {

void* fake_new_object() {
    return new Counted;
}

int fake_deletions() {
    return deletions;
}
}
