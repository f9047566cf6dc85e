#include "millrace.h"

namespace millrace {

// Stands for any class that declares its virtual destructor first. In the Itanium ABI a virtual
// destructor takes two slots of the table, the second of which also frees, with the operator delete
// of the library that the object comes from. The call goes through that slot, so nothing of the
// real class has to be known.
//
// The class is no local one and its destructor has no body, so that the compiler cannot conclude
// that there is no other class and call this one's destructor directly: it did, with an anonymous
// namespace.
class Deletable {
public:
    virtual ~Deletable() noexcept = 0;
};

}  // namespace millrace

int millrace_abi_version() noexcept {
    return MILLRACE_ABI_VERSION;
}

void millrace_delete_object(void* object) noexcept {
    delete static_cast<millrace::Deletable*>(object);
}
