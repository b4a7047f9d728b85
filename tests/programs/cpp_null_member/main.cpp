#include <iostream>

struct Shape {
    virtual ~Shape() {}
    virtual double area() const = 0;
};

int main()
{
    Shape *volatile shape = nullptr;
    std::cout << shape->area() << std::endl;
}
